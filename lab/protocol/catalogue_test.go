package protocol_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/kit/servertest"
)

// badInput is a row of the catalogue of bad input: a request, and how it is answered.
type badInput struct {
	name string
	apitest.Request
	status int
	code   apiclient.ProblemCode // none for the few that are fine, which mark where the bad begins
	errors string                // of a 422: each "place code", in order of the place, comma-separated
}

// TestBadInput sends everything in the catalogue. Each request gets its answer, which tells nothing
// of what was sent or how it was read, and none of them leaves a trace in the database.
//
//nolint:paralleltest,tparallel // one by one, to see which of them writes
func TestBadInput(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	rows := slices.Concat(malformedBodies(), mediaTypes(), badMembers(w), badFields(w), badPaths(w), badMethods(w), badTokens(w), badRefreshTokens(w), badAccountChanges(w))
	if len(rows) < 200 {
		t.Errorf("the catalogue has shrunk to %d rows", len(rows))
	}
	names := map[string]bool{}
	for _, row := range rows {
		if names[row.name] {
			t.Errorf("two rows are called %q", row.name)
		}
		names[row.name] = true
	}

	before := w.Snapshot()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			response, body := w.Send(t, row.Request)
			apitest.Want(t, "status", response.StatusCode, row.status, body)
			if row.code != "" {
				checkRefusal(t, row, apitest.ProblemOf(t, response, body), body)
			}
			if after := w.Snapshot(); after != before {
				t.Error("something was written to the database")
				before = after
			}
		})
	}
	servertest.CheckNone(t, w.Logs.String(), w.Secrets)
}

func checkRefusal(t *testing.T, row badInput, problem apiclient.Problem, body []byte) {
	t.Helper()
	apitest.Want(t, "code", problem.Code, row.code, body)
	texts, found := []string{problem.Title, problem.Detail}, []string{}
	for _, entry := range problem.Errors {
		texts, found = append(texts, entry.Detail), append(found, place(entry)+" "+entry.Code)
	}
	slices.Sort(found)
	apitest.Want(t, "errors", strings.Join(found, ", "), row.errors, body)
	for _, text := range texts {
		if leak := internals.FindString(text); leak != "" {
			t.Errorf("%q tells of the inside: %q", text, leak)
		}
		for _, sent := range sentTexts(row.Request) {
			if !slices.Contains(memberNames, sent) && strings.Contains(text, sent) {
				t.Errorf("%q repeats %q of the request", text, sent)
			}
		}
	}
}

// place says where an entry of errors points to: a pointer, or "in:name" for a parameter.
func place(entry apiclient.FieldError) string {
	if entry.Pointer != nil {
		return cmp.Or(*entry.Pointer, "(body)")
	}
	if entry.In != nil && entry.Name != nil {
		return string(*entry.In) + ":" + *entry.Name
	}
	return "(nowhere)"
}

var (
	// internals is what no answer may tell: Go types, errors of libraries, SQL, regular
	// expressions, stacks.
	internals = regexp.MustCompile(`(?i)\b(encoding/json|jsontext|openapi3?|strconv|pgx|sqlstate|httpapi|echo|runtime)\b|` +
		`struct|interface|map\[|\[\]|float64|unmarshal|select |insert |users_|goroutine|\.go|panic|invalid (?:character|syntax|url)|semicolon|\^|\\|nil`)
	memberNames = []string{"email", "password", "current_password", "name", "refresh_token", "cursor"}
)
