//go:build sqlcvet

package internal_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/plinth/internal/pgtest"
)

// TestQueriesPrepare has PostgreSQL prepare each of db/queries/ on the migrated schema: sqlc knows the names and types, but
// not all the rules. It is built by `make verify` only, because it needs sqlc, which takes minutes to compile.
func TestQueriesPrepare(t *testing.T) {
	t.Parallel()
	repository, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	db, err := filepath.Rel(dir, filepath.Join(repository, "db")) // sqlc takes no absolute paths
	if err != nil {
		t.Fatal(err)
	}
	config := strings.ReplaceAll(`version: "2"
sql:
  - engine: postgresql
    schema: DB/migrations
    queries: DB/queries
    database: {uri: "${SQLC_DATABASE_URL}"}
    rules: [sqlc/db-prepare]
    gen: {go: {package: unused, out: unused, sql_package: pgx/v5}}
`, "DB", filepath.ToSlash(db))
	file := filepath.Join(dir, "sqlc.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "kit/scripts/tool.sh", "tools", "sqlc", "vet", "--file", file)
	cmd.Dir = repository
	cmd.Env = append(os.Environ(), "SQLC_DATABASE_URL="+pgtest.URL(t))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("sqlc vet: %v\n%s", err, out)
	}
}
