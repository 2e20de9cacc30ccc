// Package db owns the SQL: the migrations that shape the schema and the queries that sqlc compiles. It holds no Go code
// of consequence; pgstore runs what is here.
package db

import "embed"

//go:generate go tool -modfile=../tools/go.mod sqlc generate --file ../sqlc.yaml

// Migrations holds the migrations, in the folder "migrations", for the binaries to run.
//
//go:embed migrations/*.sql
var Migrations embed.FS
