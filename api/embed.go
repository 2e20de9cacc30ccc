// Package api owns the contract, openapi.yaml, from which gen/ and the published contract follow.
// It must not know the server that implements it.
package api

import (
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/kit/apispec"
)

// The contract in plain OpenAPI, and what it declares. All else is generated from them.
//go:generate go run example.com/plinth/kit/cmd/contract expand openapi.yaml ../gen/apicontract/openapi.yaml
//go:generate go run example.com/plinth/kit/cmd/contract constants openapi.yaml apicontract ../gen/apicontract/apicontract.gen.go
//go:generate go run example.com/plinth/kit/cmd/contract operations ../gen/apicontract/openapi.yaml ../README.md

// Middleware sets the headers that the server's overlay removes, so that handlers need not.
//go:generate go run example.com/plinth/kit/cmd/contract overlay ../gen/apicontract/openapi.yaml ../gen/overlay.server.yaml X-Request-ID RateLimit RateLimit-Policy Accept-Patch Set-Cookie
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml ../gen/apicontract/openapi.yaml

// The Go client keeps tokens itself: cookies are for browsers.
//go:generate go run example.com/plinth/kit/cmd/contract overlay ../gen/apicontract/openapi.yaml ../gen/overlay.client.yaml X-Token-Transport
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config ../oapi-codegen.client.yaml ../gen/apicontract/openapi.yaml

// Clients returns the packages of the clients, as the code samples of the documentation use them.
func Clients() apispec.Clients {
	return apispec.Clients{
		Go: "plinth", GoTypes: "apiclient", GoWithout: "X-Token-Transport", // scaffold:only go-client
		TypeScript: "@plinth/client", // scaffold:only typescript
	}
}

// Published returns the contract as the service publishes it, in YAML.
func Published() ([]byte, error) { return apispec.Publish(apicontract.OpenAPI, Clients()) }
