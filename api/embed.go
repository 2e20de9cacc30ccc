// Package api owns the contract, openapi.yaml, and the pages that show it to people. It knows nothing of the server that
// fulfils it.
package api

import _ "embed" // for the contract

//go:generate go run ./cmd/overlays openapi.yaml overlay.server.yaml ../gen/overlay.server.yaml
//go:generate go run ./cmd/overlays openapi.yaml overlay.client.yaml ../gen/overlay.client.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml openapi.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config ../oapi-codegen.client.yaml openapi.yaml
//go:generate go run ./cmd/overlays testdata/shapes.yaml overlay.client.yaml ../gen/overlay.shapes.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config testdata/oapi-codegen.yaml testdata/shapes.yaml

// OpenAPI is the contract as written, in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte
