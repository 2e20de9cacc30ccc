package apigen_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/plinth/kit/apigen"
)

func TestListOperationsReplacesTheTable(t *testing.T) {
	t.Parallel()
	page := "# Notes\n<!-- operations:begin -->\nstale\n<!-- operations:end -->\nThe end.\n"
	got, err := apigen.ListOperations([]byte(notes(t)), []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(page, "stale\n", "| method and path | operation | role |\n|---|---|---|\n"+
		"| `GET /health` | getHealth | none |\n| `GET /notes/{id}` | getNote | reader |\n| `PUT /notes/{id}` | replaceNote | reader |\n| `DELETE /notes/{id}` | deleteNote | editor |\n", 1)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the page (-want +got):\n%s", diff)
	}
}

func TestListOperationsNeedsMarkers(t *testing.T) {
	t.Parallel()
	if _, err := apigen.ListOperations([]byte(notes(t)), []byte("# Notes\n")); err == nil {
		t.Error("a page without markers was accepted")
	}
}
