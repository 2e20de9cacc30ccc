package apispec_test

import (
	"encoding/json"
	"testing"

	"example.com/plinth/kit/internal/gen/shapesclient"
)

// TestPatchMembersTellNullFromAbsent reads and writes a type that was generated with a derived
// overlay.
func TestPatchMembersTellNullFromAbsent(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, `{"title":null}`, `{"title":"x"}`, `{"level":null}`, `{"level":3}`, `{"is_open":false}`, `{"due":null}`, `{"due":"2026-01-02"}`,
		`{"ref":"0193f0c4-5b7a-7c3e-9d55-3f1b2a4c6d8e"}`, `{"ref":null}`, `{"tags":null}`, `{"tags":[]}`, `{"kind":null}`, `{"kind":"inner"}`,
		`{"state":null}`, `{"place":{"city":null}}`, `{"place":{}}`,
	} {
		var patch shapesclient.MemoPatch
		if err := json.Unmarshal([]byte(text), &patch); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := json.Marshal(patch); err != nil || string(got) != text {
			t.Errorf("%s is written as %s: %v", text, got, err)
		}
	}
}
