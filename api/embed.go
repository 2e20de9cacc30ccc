// Package api owns the contract, openapi.yaml. It must not know the server that implements it.
package api

import (
	_ "embed" // for the contract

	"example.com/plinth/kit/apispec"
)

//go:generate go run example.com/plinth/kit/cmd/contract overlay openapi.yaml overlay.server.yaml ../gen/overlay.server.yaml
//go:generate go run example.com/plinth/kit/cmd/contract overlay openapi.yaml overlay.client.yaml ../gen/overlay.client.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml openapi.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config ../oapi-codegen.client.yaml openapi.yaml
//go:generate go run example.com/plinth/kit/cmd/contract overlay ../kit/apispec/testdata/shapes.yaml overlay.client.yaml ../gen/overlay.shapes.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config testdata/oapi-codegen.yaml ../kit/apispec/testdata/shapes.yaml

// OpenAPI is the contract as written, in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Clients returns the packages of the generated clients, as the code samples of the documentation import them.
func Clients() apispec.Clients {
	return apispec.Clients{Go: "plinth", GoTypes: "apiclient", TypeScript: "@plinth/client"}
}

// Published returns the contract as the service publishes it, in YAML.
func Published() ([]byte, error) { return apispec.Publish(OpenAPI, Clients()) }
