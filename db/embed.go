// Package db owns the SQL: the migrations that shape the schema and the queries that sqlc compiles.
package db

import (
	"embed"
	"io/fs"
)

//go:generate go tool -modfile=../tools/go.mod sqlc generate --file ../sqlc.yaml

//go:embed migrations/*.sql
var migrations embed.FS

// Extensions returns the extensions of PostgreSQL that the migrations create.
func Extensions() []string { return []string{"pg_trgm"} }

// Migrations returns the migration files.
func Migrations() fs.FS {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // only a malformed path fails
	}
	return files
}
