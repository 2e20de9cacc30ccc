package apispec_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/oasdiff/yaml"

	"example.com/plinth/kit/apispec"
)

func TestJSONEqualsYAML(t *testing.T) {
	t.Parallel()
	source := shapes(t)
	converted, err := apispec.JSON(source)
	if err != nil {
		t.Fatal(err)
	}
	sorted, err := yaml.YAMLToJSON(source)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode(t, sorted), decode(t, converted)); diff != "" {
		t.Errorf("the JSON differs from the YAML (-yaml +json):\n%s", diff)
	}
}

func TestJSONKeepsTheOrder(t *testing.T) {
	t.Parallel()
	source := shapes(t)
	converted, err := apispec.JSON(source)
	if err != nil {
		t.Fatal(err)
	}
	// Sections and paths: both forms are indented by two spaces.
	inYAML := firstGroups(regexp.MustCompile(`(?m)^(?:  )?([a-z]{4,}|/[^ ]*):`), string(source))
	inJSON := firstGroups(regexp.MustCompile(`(?m)^(?:  ){1,2}"([a-z]{4,}|/[^ ]*)":`), string(converted))
	if diff := cmp.Diff(inYAML, inJSON); diff != "" {
		t.Errorf("the order differs (-yaml +json):\n%s", diff)
	}
	if len(inYAML) < 10 {
		t.Errorf("found only %q", inYAML)
	}
}

func decode(t *testing.T, document []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(document, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func firstGroups(pattern *regexp.Regexp, text string) []string {
	var groups []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		groups = append(groups, strings.Trim(match[1], `"`))
	}
	return groups
}
