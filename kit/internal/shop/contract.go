// Package shop is a small service for the tests of the kit: its contract has each shape of
// parameters, bodies and responses that contracts support. It keeps its data in memory. No program
// of a release may link it.
package shop

import _ "embed" // for the contract

//go:generate go run ../../cmd/contract overlay openapi.yaml ../gen/overlay.shop.yaml X-Request-ID RateLimit RateLimit-Policy
//go:generate go tool -modfile=../../../tools/go.mod oapi-codegen -config oapi-codegen.yaml openapi.yaml
//go:generate go tool -modfile=../../../tools/go.mod oapi-codegen -config oapi-codegen.client.yaml openapi.yaml

// OpenAPI is the contract of the shop.
//
//go:embed openapi.yaml
var OpenAPI []byte
