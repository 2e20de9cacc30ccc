package apispec_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/kit/apispec"
)

var (
	operationIDs = regexp.MustCompile(`(?m)\boperationId: (\w+)`)
	clients      = apispec.Clients{Go: "shapes", GoTypes: "shapesclient", TypeScript: "@shapes/client"}
)

// shapes is a contract with all shapes of parameters and bodies that the generators support.
func shapes(t *testing.T) []byte {
	t.Helper()
	contract, err := os.ReadFile("testdata/shapes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return contract
}

func TestEveryOperationHasSamples(t *testing.T) {
	t.Parallel()
	samples, err := apispec.Samples(shapes(t), clients)
	if err != nil {
		t.Fatal(err)
	}
	found := operationIDs.FindAllSubmatch(shapes(t), -1)
	if len(found) == 0 || len(found) != len(samples) {
		t.Errorf("%d operations, %d have samples", len(found), len(samples))
	}
	for _, match := range found {
		all := samples[string(match[1])]
		if len(all) != 3 {
			t.Errorf("%s has %d samples, want 3", match[1], len(all))
		}
		for _, sample := range all {
			if sample.Source == "" || strings.Contains(sample.Source, "{id}") {
				t.Errorf("%s in %s: %q", match[1], sample.Lang, sample.Source)
			}
		}
	}
}

// TestPublishedContractHasSamples finds the samples in x-codeSamples, where documentation tools
// expect them.
func TestPublishedContractHasSamples(t *testing.T) {
	t.Parallel()
	text, err := apispec.Publish(shapes(t), clients)
	if err != nil {
		t.Fatal(err)
	}
	if text, err = apispec.JSON(text); err != nil {
		t.Fatal(err)
	}
	type operation struct {
		ID      string `json:"operationId"`
		Samples []struct {
			Lang   string `json:"lang"`
			Source string `json:"source"`
		} `json:"x-codeSamples"`
	}
	var contract struct {
		Paths map[string]struct {
			Get    *operation `json:"get"`
			Post   *operation `json:"post"`
			Put    *operation `json:"put"`
			Patch  *operation `json:"patch"`
			Delete *operation `json:"delete"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(text, &contract); err != nil {
		t.Fatal(err)
	}
	samples, err := apispec.Samples(shapes(t), clients)
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range contract.Paths {
		for method, op := range map[string]*operation{
			"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete,
		} {
			if op == nil {
				continue
			}
			if len(op.Samples) != len(samples[op.ID]) {
				t.Errorf("%s %s has %d samples, want %d", method, path, len(op.Samples), len(samples[op.ID]))
				continue
			}
			for i, sample := range samples[op.ID] {
				if op.Samples[i].Lang != sample.Lang || op.Samples[i].Source != sample.Source {
					t.Errorf("%s %s in %s:\n%s\nwant\n%s", method, path, sample.Lang, op.Samples[i].Source, sample.Source)
				}
			}
		}
	}
}
