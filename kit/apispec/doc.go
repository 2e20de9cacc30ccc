// Package apispec reads a contract in OpenAPI 3.0 and derives from it what a service publishes and generates: the published
// form, code samples in curl, TypeScript and Go, the contract in JSON, and overlays for oapi-codegen.
//
// It must not know HTTP servers, the service's own contract, or operations by name: callers pass the contract's bytes.
package apispec
