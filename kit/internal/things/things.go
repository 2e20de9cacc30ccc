// Package things has contracts of one operation, GET /things/{id}, for the tests of the kit.
package things

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/apispec"
)

// What an operation says about access.
const (
	Public  = "x-rate-class: read\nsecurity: []\n"
	ForUser = "x-rate-class: read\nsecurity: [{bearerAuth: []}]\nx-required-role: user\n"
)

// Contract returns a contract in YAML whose operation has these fields.
func Contract(operation string) string {
	return `openapi: 3.0.3
info: {title: Things, version: 1.0.0}
components:
  securitySchemes:
    bearerAuth: {type: http, scheme: bearer}
    apiKey: {type: apiKey, in: header, name: X-API-Key}
security: [{bearerAuth: []}]
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getThing
      responses: {"200": {description: A thing.}}
` + "      " + strings.ReplaceAll(strings.TrimSpace(operation), "\n", "\n      ") + "\n"
}

// Query returns a public operation with these parameters.
func Query(parameters string) string { return Public + "parameters: [" + parameters + "]" }

// Body returns a public operation with a JSON body of this schema.
func Body(schema string) string {
	return Public + "requestBody: {required: true, content: {application/json: {schema: " + schema + "}}}"
}

// WithSchemas adds schemas to the components of a contract.
func WithSchemas(contract, schemas string) string {
	return strings.Replace(contract, "components:", "components:\n  schemas:"+schemas, 1)
}

// Read reads a contract.
func Read(text string) (*apispec.Contract, error) {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		return nil, err
	}
	return apispec.New(spec, apispec.Rules{Roles: []string{"user", "admin"}, RateClasses: []string{"health", "read"}})
}

// MustRead reads a contract, and returns its first operation.
func MustRead(t testing.TB, text string) (*apispec.Contract, *apispec.Operation) {
	t.Helper()
	contract, err := Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return contract, contract.Operations()[0]
}

// WantError wants an error with this in its text or, if it is empty, none.
func WantError(t testing.TB, err error, text string) {
	t.Helper()
	switch {
	case text == "" && err != nil:
		t.Error(err)
	case text != "" && (err == nil || !strings.Contains(err.Error(), text)):
		t.Errorf("got %v, want an error with %q", err, text)
	}
}
