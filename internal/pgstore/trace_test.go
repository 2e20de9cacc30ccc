package pgstore_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

func TestOnQueryIsToldOfEveryStatementButNotOfArguments(t *testing.T) {
	t.Parallel()
	type seen struct {
		sql  string
		took time.Duration
		err  error
	}
	var (
		mu      sync.Mutex
		queries []seen
	)
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "of the caller")
	store := pgtest.NewStore(t, pgtest.URL(t), pgstore.Options{OnQuery: func(ctx context.Context, sql string, took time.Duration, err error) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Value(key{}) != nil {
			queries = append(queries, seen{sql, took, err})
		}
	}})

	const canary = "canary-4711"
	name := canary + "-name"
	user := domain.NewUser{ID: noSuchID, Email: canary + "@example.com", PasswordHash: canary + "-hash", Name: &name, Role: domain.RoleUser}
	err := store.InTx(ctx, func(tx domain.Store) error {
		_, err := tx.CreateUser(ctx, user)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.CreateUser(ctx, user)
	wantServerError(t, err, pgerrcode.UniqueViolation)
	_, err = store.GetUserByEmail(ctx, canary+"@nowhere")
	wantCode(t, err, domain.ErrUserNotFound)

	var names []string
	for _, query := range queries {
		if strings.Contains(query.sql, canary) || (query.err != nil && strings.Contains(query.err.Error(), canary)) {
			t.Errorf("an argument is in %q, %v", query.sql, query.err)
		}
		if query.took <= 0 {
			t.Errorf("%q took %s", query.sql, query.took)
		}
		outcome := " worked"
		if query.err != nil {
			outcome = " failed"
		}
		first, _, _ := strings.Cut(query.sql, "\n")
		names = append(names, first+outcome)
	}
	want := []string{
		"begin worked", "-- name: CreateUser :one worked", "commit worked", "-- name: CreateUser :one failed",
		"-- name: GetUserByEmail :one worked",
	}
	if !slices.Equal(names, want) {
		t.Errorf("told of %q, want %q", names, want)
	}
}
