package contracttest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/plinth/kit/contracttest"
)

// ping is a contract with one public operation.
const ping = `
openapi: 3.0.3
info: {title: Ping, version: 1.0.0}
paths:
  /ping:
    get:
      operationId: ping
      security: []
      responses:
        "200":
          description: The service runs.
          content: {application/json: {schema: {type: object, properties: {ok: {type: boolean}}}}}
components:
  responses:
    Problem: {description: A failure.}
`

// A test sends requests through the transport of the contract. TestMain judges the coverage.
func Example() {
	contract := contracttest.MustParse([]byte(ping), contracttest.Options{})
	service := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ok":true}`)
	})
	test := func(t *testing.T) {
		t.Helper()
		server := httptest.NewServer(service)
		defer server.Close()
		client := &http.Client{Transport: contract.NewTransport(t, nil)}
		for _, operation := range contract.Operations() {
			for _, request := range contracttest.Requests(t, operation, 1, 10) {
				request.Send(t, client, server.URL, &contracttest.Caller{})
			}
		}
	}
	_ = test
	_ = contract.Report(&strings.Builder{}) // contract.Main calls this at the end
}
