package apispec_test

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/plinth/kit/apispec"
)

func ExampleNew() {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(`openapi: 3.0.3
info: {title: Things, version: 1.0.0}
components: {securitySchemes: {bearerAuth: {type: http, scheme: bearer}}}
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getThing
      security: [{bearerAuth: []}]
      x-required-role: user
      x-rate-class: read
      responses: {"200": {description: A thing.}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	contract, err := apispec.New(spec, apispec.Rules{Roles: []string{"user"}, RateClasses: []string{"read"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	operation := contract.Find("GET", "/things/:id")
	fmt.Println(operation.ID, operation.Role, operation.RateClass)
	// Output: getThing user read
}
