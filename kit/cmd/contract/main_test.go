package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunWritesEachOutput(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	page := filepath.Join(folder, "page.md")
	if err := os.WriteFile(page, []byte("<!-- operations:begin -->\n<!-- operations:end -->\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const written = "../../apigen/testdata/notes.yaml"
	expanded := filepath.Join(folder, "gen", "openapi.yaml")
	for _, test := range []struct {
		arguments    []string
		output, says string
	}{
		{[]string{"expand", written, expanded}, expanded, "NoteNotFound"},
		{
			[]string{"constants", written, "notes", filepath.Join(folder, "notes.go")},
			filepath.Join(folder, "notes.go"), "package notes",
		},
		{[]string{"operations", expanded, page}, page, "| `GET /notes/{id}` | getNote | reader |"},
		{
			[]string{"overlay", expanded, filepath.Join(folder, "overlay.yaml"), "X-Request-ID"},
			filepath.Join(folder, "overlay.yaml"), `headers["X-Request-ID"]`,
		},
		{[]string{"samples", expanded, folder}, filepath.Join(folder, "getNote.ts"), "await getNote("},
	} {
		if err := run(test.arguments); err != nil {
			t.Errorf("%v: %v", test.arguments, err)
			continue
		}
		text, err := os.ReadFile(test.output)
		if err != nil || !strings.Contains(string(text), test.says) {
			t.Errorf("%v wrote %q, %v, want %s", test.arguments, text, err, test.says)
		}
	}
}

func TestRunRefusesUnknownArguments(t *testing.T) {
	t.Parallel()
	const contract = "../../apigen/testdata/notes.yaml"
	for _, arguments := range [][]string{
		nil, {"expand"}, {"print", contract, "x"}, {"expand", contract, "x", "y"}, {"expand", "missing.yaml", "x"},
	} {
		if run(arguments) == nil {
			t.Errorf("%q was accepted", arguments)
		}
	}
}
