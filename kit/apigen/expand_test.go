package apigen_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"example.com/plinth/kit/apigen"
)

func notes(t *testing.T) string {
	t.Helper()
	contract, err := os.ReadFile("testdata/notes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(contract)
}

// expanded is valid OpenAPI, examples included.
func expanded(t *testing.T) *openapi3.T {
	t.Helper()
	text, err := apigen.Expand([]byte(notes(t)))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestExpandAddsResponsesByRoleAndClass(t *testing.T) {
	t.Parallel()
	doc := expanded(t)
	for _, test := range []struct {
		path, method string
		want         map[string]string // the components, by status
	}{
		{"/health", "GET", map[string]string{"200": "", "422": "ValidationFailed", "503": "GoneQuiet", "default": "Problem"}},
		{"/notes/{id}", "GET", map[string]string{
			"200": "", "401": "Unauthenticated", "404": "NoteNotFound", "422": "ValidationFailed", "429": "TooManyRequests",
			"default": "Problem",
		}},
		{"/notes/{id}", "PUT", map[string]string{
			"202": "", "401": "Unauthenticated", "403": "EmailNotVerified", "422": "ValidationFailed",
			"429": "TooManyRequests", "default": "Problem",
		}},
		{"/notes/{id}", "DELETE", map[string]string{
			"204": "", "401": "Unauthenticated", "403": "", "404": "NoteNotFound", "422": "ValidationFailed",
			"429": "TooManyRequests", "default": "Problem",
		}},
	} {
		got := map[string]string{}
		for status, response := range doc.Paths.Value(test.path).GetOperation(test.method).Responses.Map() {
			got[status] = strings.TrimPrefix(response.Ref, "#/components/responses/")
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.method, test.path, diff)
		}
	}
}

func TestExpandAddsSecurityToOperationsWithRole(t *testing.T) {
	t.Parallel()
	doc := expanded(t)
	if security := doc.Paths.Value("/notes/{id}").Get.Security; security == nil || len(*security) != 1 {
		t.Errorf("the security of getNote is %v", security)
	}
	if security := doc.Paths.Value("/health").Get.Security; security == nil || len(*security) != 0 {
		t.Errorf("the security of getHealth is %v", security)
	}
}

func TestExpandAddsHeaders(t *testing.T) {
	t.Parallel()
	doc := expanded(t)
	limited := []string{"RateLimit", "RateLimit-Policy", "X-Request-ID"}
	note := doc.Paths.Value("/notes/{id}")
	for name, test := range map[string]struct {
		response *openapi3.ResponseRef
		want     []string
	}{
		"own response":          {note.Get.Responses.Status(200), append([]string{"ETag"}, limited...)},
		"without limit":         {doc.Paths.Value("/health").Get.Responses.Status(200), []string{"X-Request-ID"}},
		"generated":             {doc.Components.Responses["NoteNotFound"], limited},
		"generated, no limit":   {doc.Components.Responses["GoneQuiet"], []string{"Retry-After", "X-Request-ID"}},
		"of an operation alone": {note.Delete.Responses.Status(403), append(slices.Clone(limited), "WWW-Authenticate")},
		"shared":                {doc.Components.Responses["Unauthenticated"], limited},
	} {
		slices.Sort(test.want)
		if diff := cmp.Diff(test.want, slices.Sorted(maps.Keys(test.response.Value.Headers))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestExpandJoinsCodesOfOneStatus(t *testing.T) {
	t.Parallel()
	response := expanded(t).Paths.Value("/notes/{id}").Delete.Responses.Status(403).Value
	if got, want := *response.Description, "Your role does not permit this. Or: Verify your e-mail first. Or: The note is locked."; got != want {
		t.Errorf("the description is %q, want %q", got, want)
	}
	examples := slices.Sorted(maps.Keys(response.Content["application/problem+json"].Examples))
	if diff := cmp.Diff([]string{"email_not_verified", "forbidden", "note_locked"}, examples); diff != "" {
		t.Errorf("examples (-want +got):\n%s", diff)
	}
}

func TestExpandWritesCodes(t *testing.T) {
	t.Parallel()
	doc := expanded(t)
	if got := len(doc.Components.Schemas["ProblemCode"].Value.Enum); got != 7 {
		t.Errorf("ProblemCode has %d values, want 7", got)
	}
	guide := doc.Tags.Get("guide").Description
	for _, row := range []string{"| `note_not_found` | 404 | The note is gone. |", "| `note_locked` | 403 | The note is locked. |"} {
		if !strings.Contains(guide, row+"\n") {
			t.Errorf("the table lacks %s:\n%s", row, guide)
		}
	}
	example := doc.Components.Examples["NoteNotFound"].Value.Value.(map[string]any) //nolint:forcetypeassert // else it panics
	want := map[string]any{
		"type": "urn:problem-type:note_not_found", "title": "Note not found", "status": float64(404), "detail": "There is no such note.",
		"instance": "/notes/7", "code": "note_not_found", "request_id": "request-1",
	}
	if diff := cmp.Diff(want, example); diff != "" {
		t.Errorf("the example (-want +got):\n%s", diff)
	}
	if len(doc.Extensions) != 0 {
		t.Errorf("extensions are left: %v", doc.Extensions)
	}
}

func TestExpandReportsMistakes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, changed, want string }{
		"unknown code":        {"[gone_quiet]", "[gone]", "GET /health: the code gone is not in x-problems of the root"},
		"unknown role":        {"x-required-role: reader", "x-required-role: read", `GET /notes/{id}: x-required-role is "read"`},
		"code twice":          {"  note_locked:", "  forbidden:", "x-problems has forbidden twice"},
		"unknown class":       {"x-rate-class: probe", "x-rate-class: prob", `GET /health: x-rate-class is "prob", which is not in x-rate-classes`},
		"response and code":   {`"204":`, `"404":`, "DELETE /notes/{id}: has both a response 404 and a code with this status"},
		"no title":            {"title: Quiet, ", "", "x-problems: gone_quiet: needs a title and a detail"},
		"status":              {"status: 503", "status: 200", "x-problems: gone_quiet: needs a status from 400 to 599"},
		"misspelled member":   {"retry-after", "retryAfter", "field retryAfter not found"},
		"no roles":            {"x-roles: &roles [reader, editor]", "x-roles: &roles []", "the root needs x-roles"},
		"public and marked":   {"x-rate-class: probe", "x-rate-class: probe\n      x-allow-unverified: true", "is for operations with a role"},
		"marked false":        {"x-allow-unverified: true", "x-allow-unverified: false", "x-allow-unverified must be true"},
		"unknown in a shared": {"[unauthenticated, invalid_token]", "[nothing]", "response Unauthenticated: the code nothing is not in x-problems"},
	} {
		contract := strings.Replace(notes(t), test.old, test.changed, 1)
		if _, err := apigen.Expand([]byte(contract)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}
