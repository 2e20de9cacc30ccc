// Package apidocs returns the documentation of a contract as files by URL path: the contract in
// JSON and YAML, pages in Swagger UI and Redoc, and their assets.
//
// It must not know HTTP, the service or the source of its contract.
package apidocs
