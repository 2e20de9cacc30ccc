// Package shoptest holds a second contract, a shop, with every shape that OpenAPI 3.0 lets a team write, and a service that
// fulfils it. Tests run it through the real middleware, so that what the server, the tests and the clients take is tried on
// more than the service's own contract. No program links it.
package shoptest

import _ "embed" // for the contract

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config oapi-codegen.yaml openapi.yaml
//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config oapi-codegen.client.yaml openapi.yaml

// OpenAPI is the shop's contract.
//
//go:embed openapi.yaml
var OpenAPI []byte
