// Package textsearch searches texts in PostgreSQL with a trigram index (pg_trgm): it builds the
// patterns for LIKE, and chooses between the index and reading rows in order.
//
// It must not know tables, nor run SQL.
package textsearch
