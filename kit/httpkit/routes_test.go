package httpkit_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/things"
)

// TestCompleteComparesRoutesWithTheContract: a handler outside of the contract would have no access
// rule.
func TestCompleteComparesRoutesWithTheContract(t *testing.T) {
	t.Parallel()
	const get, head = "GET /things/:id", "HEAD /things/:id"
	for _, test := range []struct {
		name   string
		routes []string
		err    string
	}{
		{"exactly the contract", []string{get, head}, ""},
		{"and extra paths", []string{get, head, "GET /extra"}, ""},
		{"a handler without an operation", []string{get, head, "GET /debug"}, "GET /debug is not in the contract"},
		{"a method without an operation", []string{get, head, "DELETE /things/:id"}, "DELETE /things/:id is not in the contract"},
		{"a path that is nearly one", []string{get, head, "GET /things/:id/"}, "GET /things/:id/ is not in the contract"},
		{"a parameter of another name", []string{"GET /things/:thing", head}, "GET /things/:thing is not in the contract"},
		{"everything", []string{get, head, "GET /*"}, "GET /* is not in the contract"},
		{"an operation without a handler", []string{head}, "GET /things/:id is in the contract and has no handler"},
		{"a GET without its HEAD", []string{get}, "HEAD /things/:id is in the contract and has no handler"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := echo.New()
			for _, route := range test.routes {
				method, path, _ := strings.Cut(route, " ")
				e.Add(method, path, func(echo.Context) error { return nil })
			}
			contract, _ := things.MustRead(t, things.Contract(things.ForUser))
			things.WantError(t, (&httpkit.Routes{}).Complete(e, contract, "/extra"), test.err)
		})
	}
}

// TestCompleteRoutesNestedPaths has a parameter with another name in the longer paths below it.
func TestCompleteRoutesNestedPaths(t *testing.T) {
	t.Parallel()
	const operation = `, security: [], x-rate-class: read, responses: {"200": {description: OK.}}}`
	const id, project = "{name: id, in: path, required: true, schema: {type: string}}", "{name: project_id, in: path, required: true, schema: {type: string}}"
	contract, err := things.Read("openapi: 3.0.3\ninfo: {title: Projects, version: 1.0.0}\npaths:" + `
  /projects/{id}: {parameters: [` + id + `], get: {operationId: getProject` + operation + `}
  /projects/{project_id}/tasks: {parameters: [` + project + `], post: {operationId: createTask` + operation + `}
  /projects/{project_id}/tasks/{id}: {parameters: [` + project + ", " + id + `], get: {operationId: getTask` + operation + "}")
	must(t, err)
	router := httpkit.HeadRouter{Echo: echo.New()}
	ok := func(ctx echo.Context) error { return ctx.NoContent(http.StatusOK) }
	for _, op := range contract.Operations() {
		router.Add(op.Method, op.Route, ok)
		if op.Method == http.MethodGet {
			router.Add(http.MethodHead, op.Route, ok)
		}
	}
	must(t, (&httpkit.Routes{}).Complete(router.Echo, contract))
	for _, test := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/projects/1", http.StatusOK},
		{http.MethodPost, "/projects/1/tasks", http.StatusOK},
		{http.MethodGet, "/projects/1/tasks/2", http.StatusOK},
		{http.MethodPut, "/projects/1", http.StatusMethodNotAllowed},
		{http.MethodPut, "/projects/1/tasks", http.StatusMethodNotAllowed},
		{http.MethodPut, "/projects/1/tasks/2", http.StatusMethodNotAllowed},
		{http.MethodGet, "/projects/1/members", http.StatusNotFound},
		{http.MethodGet, "/projects/1/tasks/2/notes", http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), test.method, test.path, http.NoBody))
		want(t, test.method+" "+test.path, w.Code, test.status)
	}
}
