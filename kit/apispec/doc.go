// Package apispec reads a contract in OpenAPI 3.0. [New] checks the rules that a contract adds to
// the standard: each operation says who may call it, how often and, if it is deprecated, until
// when. The other functions derive what a service publishes and generates: the published form, code
// samples in curl, TypeScript and Go, the contract in JSON, and overlays for oapi-codegen.
//
// Roles and rate classes are strings that the application declares. The package must not know what
// they mean, HTTP servers or routers, or the service's own contract: callers pass its bytes.
package apispec
