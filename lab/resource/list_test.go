//go:build resource

package resource_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/resource"
)

// TestListCostsTheSame compares the pages that the queries of a list read from a million rows of one
// account with those of 10,000: in each order, at the start and in the middle, with a frequent and a
// rare value of a filter.
func TestListCostsTheSame(t *testing.T) {
	t.Parallel()
	r, err := resource.Spec{Name: "gizmo", Fields: "title:string:1..200 done:bool status:enum(open|lost)=open"}.Parse()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := resource.New(os.DirFS(filepath.Join("..", "..")), r, resource.Options{Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	const few, many, most = 10_000, 1_000_000, 3
	small, large := costs(t, plan, few), costs(t, plan, many)
	for name, cost := range large {
		t.Logf("%-45s %5d of %d rows, %5d of %d", name, small[name], few, cost, many)
		if cost > most*small[name] {
			t.Errorf("%s: %d pages of a million rows, %d of 10,000", name, cost, small[name])
		}
	}
	if len(large) != 12 {
		t.Errorf("measured %d queries", len(large))
	}
}

// costs returns how many pages of PostgreSQL the queries of the list touch.
func costs(t *testing.T, plan *resource.Plan, rows int) map[string]int {
	t.Helper()
	url := pgtest.URL(t)
	conn := pgtest.Connect(t, url)
	var indexes string // after the rows, which is quicker
	for file, text := range plan.Created {
		if strings.HasSuffix(file, ".up.sql") {
			table, rest, _ := strings.Cut(string(text), "CREATE INDEX ")
			execute(t, conn, table)
			indexes = "CREATE INDEX " + rest
		}
	}
	const user = "01JD8Z5V3K4N6P7Q8R9S0T1V2W"
	execute(t, conn, `INSERT INTO users (id, email, password_hash) VALUES ('`+user+`', 'ada@example.com', 'x')`)
	execute(t, conn, fmt.Sprintf(`INSERT INTO gizmos (id, user_id, title, done, status, created_at)
		SELECT lpad(n::text, 26, '0'), '%s', 'title ' || lpad((n::bigint * 7919 %% %d)::text, 7, '0'), n %% 2 = 0,
			CASE WHEN n %% 200 = 0 THEN 'lost' ELSE 'open' END, now() - make_interval(secs => n)
		FROM generate_series(1, %d) AS n`, user, rows, rows))
	execute(t, conn, indexes)
	execute(t, conn, "VACUUM (ANALYZE) gizmos")
	measured := map[string]int{}
	for order, positions := range map[string]map[string][]string{
		"CreatedAt": {"start": {"'9999-12-31'", "''"}, "middle": {fmt.Sprintf("(now() - interval '%d seconds')", rows/2), "''"}},
		"Title":     {"start": {"''", "''"}, "middle": {fmt.Sprintf("'title %07d'", rows/2), "''"}},
	} {
		for place, at := range positions {
			for filter, values := range map[string][]string{"none": {"NULL", "NULL"}, "frequent": {"true", "NULL"}, "rare": {"NULL", "'lost'"}} {
				query := statement(t, plan, "ListGizmosBy"+order)
				for name, value := range map[string]string{
					"user_id": "'" + user + "'", "after_created_at": at[0], "after_title": at[0], "after_id": at[1], "done": values[0], "status": values[1], "max_rows": "21",
				} {
					query = regexp.MustCompile(`@`+name+`\b|sqlc\.narg\('`+name+`'\)`).ReplaceAllLiteralString(query, value)
				}
				measured["by "+order+", "+place+", filter: "+filter] = pagesOf(t, conn, query)
			}
		}
	}
	return measured
}

// statement returns a query of the resource.
func statement(t *testing.T, plan *resource.Plan, name string) string {
	t.Helper()
	for file, text := range plan.Created {
		if strings.HasPrefix(file, "db/queries/") {
			_, rest, found := strings.Cut(string(text), "-- name: "+name+" :many\n")
			query, _, _ := strings.Cut(rest, ";")
			if found {
				return query
			}
		}
	}
	t.Fatalf("there is no query %s", name)
	return ""
}

func execute(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// pagesOf returns the pages that a query reads, planned with its values, as the store has it planned.
func pagesOf(t *testing.T, conn *pgx.Conn, query string) int {
	t.Helper()
	var text string
	if err := conn.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+query, pgx.QueryExecModeSimpleProtocol).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var plans []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`  //nolint:tagliatelle // PostgreSQL's
			Read int `json:"Shared Read Blocks"` //nolint:tagliatelle // PostgreSQL's
		} `json:"Plan"`
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil || len(plans) != 1 {
		t.Fatalf("the plan %s: %v", text, err)
	}
	return slices.Max([]int{1, plans[0].Plan.Hit + plans[0].Plan.Read})
}
