// Package apitest starts the service for tests of its HTTP API, and sends requests to it. Programs
// do not link it.
package apitest
