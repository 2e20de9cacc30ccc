package apidocs_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/oasdiff/yaml"

	"example.com/plinth/api"
)

func TestOpenAPIJSONSaysWhatTheYAMLSays(t *testing.T) {
	t.Parallel()
	converted, err := api.OpenAPIJSON()
	if err != nil {
		t.Fatal(err)
	}
	source, err := api.OpenAPIYAML()
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

func TestOpenAPIJSONKeepsTheOrder(t *testing.T) {
	t.Parallel()
	converted, err := api.OpenAPIJSON()
	if err != nil {
		t.Fatal(err)
	}
	// Sections and paths, as both forms are indented by two spaces.
	inYAML := firstGroups(regexp.MustCompile(`(?m)^(?:  )?([a-z]+|/[^ ]*):`), string(api.OpenAPI))
	inJSON := firstGroups(regexp.MustCompile(`(?m)^(?:  ){1,2}"([a-z]+|/[^ ]*)":`), string(converted))
	if diff := cmp.Diff(inYAML, inJSON); diff != "" {
		t.Errorf("the order differs (-yaml +json):\n%s", diff)
	}
	if len(inYAML) < 10 {
		t.Errorf("found only %q", inYAML)
	}
}

func TestDocsAreComplete(t *testing.T) {
	t.Parallel()
	docs, err := api.Docs()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(api.DocsPaths())), slices.Sorted(maps.Keys(docs))); diff != "" {
		t.Errorf("DocsPaths and Docs differ (-paths +docs):\n%s", diff)
	}
	for _, page := range []string{api.SwaggerPath, api.RedocPath} {
		content, err := docs[page].Plain()
		if err != nil {
			t.Fatalf("%s: %v", page, err)
		}
		if left := regexp.MustCompile(`{{.*?}}`).FindString(string(content)); left != "" {
			t.Errorf("%s: nothing was put in for %s", page, left)
		}
	}
}

// The script comes from elsewhere and nobody reads it: it must be the published one but for the logo's address.
func TestRedocIsAsPublished(t *testing.T) {
	t.Parallel()
	notes, err := os.ReadFile("docs/redoc/README.md")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile("\\| sha256 \\| `([0-9a-f]{64})`").FindSubmatch(notes)
	if match == nil {
		t.Fatal("docs/redoc/README.md names no sha256")
	}
	compressed, err := os.ReadFile("docs/redoc/redoc.standalone.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	script := decompress(t, compressed)
	if n := bytes.Count(script, []byte("data:,")); n != 1 {
		t.Errorf("the logo's address was replaced %d times, want 1", n)
	}
	published := bytes.ReplaceAll(script, []byte("data:,"), []byte("https://cdn.redoc.ly/redoc/logo-mini.svg"))
	sum := sha256.Sum256(published)
	if got, want := hex.EncodeToString(sum[:]), string(match[1]); got != want {
		t.Errorf("sha256 is %s, docs/redoc/README.md says %s", got, want)
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

func decompress(t *testing.T, compressed []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func firstGroups(pattern *regexp.Regexp, text string) []string {
	var groups []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		groups = append(groups, strings.Trim(match[1], `"`))
	}
	return groups
}
