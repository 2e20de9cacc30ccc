package apigen_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"example.com/plinth/kit/apigen"
)

func TestConstantsDeclareAll(t *testing.T) {
	t.Parallel()
	code, err := apigen.Constants([]byte(notes(t)), "notes")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "notes.go", code, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	if file.Name.Name != "notes" || !ast.IsGenerated(mustParse(t, code)) {
		t.Errorf("package %s, or no sign that it is generated", file.Name.Name)
	}
	for _, want := range []string{
		`RoleEditor = "editor"`, "return []string{RoleReader, RoleEditor}",
		`RateClassRead  = "read"  // reads`, "return []string{RateClassProbe}",
		`CodeNoteNotFound     = "note_not_found"`,
		`CodeNoteNotFound:     {Status: 404, Title: "Note not found"},`,
		`CodeForbidden:        {Status: 403, Title: "Forbidden", Challenge: ` + "`Bearer`},",
		`CodeGoneQuiet:        {Status: 503, Title: "Quiet", RetryAfter: 2 * time.Second},`,
	} {
		if !strings.Contains(string(code), want) {
			t.Errorf("the code lacks %s:\n%s", want, code)
		}
	}
}

func mustParse(t *testing.T, code []byte) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "notes.go", code, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
