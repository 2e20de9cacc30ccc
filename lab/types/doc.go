// Package types tests the Go types of columns that sqlc.yaml maps.
package types
