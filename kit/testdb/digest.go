package testdb

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Tables returns the names of all tables.
func Tables(tb testing.TB, databaseURL string) []string {
	tb.Helper()
	return Values[string](tb, databaseURL,
		`SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
}

// Digest returns a digest of all rows of all tables but some, to find out if any row changed.
func Digest(tb testing.TB, databaseURL string, except ...string) string {
	tb.Helper()
	var selects []string
	for _, table := range Tables(tb, databaseURL) {
		if !slices.Contains(except, table) {
			selects = append(selects, fmt.Sprintf(`SELECT '%[1]s' || rows::text AS row FROM %[1]s AS rows`, table))
		}
	}
	return Value[string](tb, databaseURL, `SELECT coalesce(md5(string_agg(row, '|' ORDER BY row)), '') FROM (`+
		strings.Join(selects, " UNION ALL ")+`) AS all_rows`)
}
