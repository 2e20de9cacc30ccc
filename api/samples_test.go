package api_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/api"
)

var operationIDs = regexp.MustCompile(`(?m)^ +operationId: (\w+)$`)

func TestEveryOperationHasSamples(t *testing.T) {
	t.Parallel()
	samples, err := api.CodeSamples()
	if err != nil {
		t.Fatal(err)
	}
	found := operationIDs.FindAllSubmatch(api.OpenAPI, -1)
	if len(found) == 0 || len(found) != len(samples) {
		t.Errorf("%d operations, %d have samples", len(found), len(samples))
	}
	for _, match := range found {
		for _, sample := range samples[string(match[1])] {
			if sample.Source == "" || strings.Contains(sample.Source, "{}") || strings.Contains(sample.Source, "{id}") {
				t.Errorf("%s in %s: %q", match[1], sample.Lang, sample.Source)
			}
		}
	}
}

// The document that pages and generators read has the samples where tools look for them.
func TestTheContractCarriesItsSamples(t *testing.T) {
	t.Parallel()
	text, err := api.OpenAPIJSON()
	if err != nil {
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
	samples, err := api.CodeSamples()
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
