package pgstore_test

import (
	"context"
	"errors"
	"os"
	"regexp"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestPing(t *testing.T) {
	t.Parallel()
	if err := pgtest.New(t).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestInTx(t *testing.T) {
	t.Parallel()
	failure := errors.New("fn failed")
	rename := func(ctx context.Context, store domain.Store, id, name string) error {
		_, err := store.UpdateUser(ctx, id, domain.UserUpdate{SetName: true, Name: &name})
		return err
	}
	for name, test := range map[string]struct {
		fn   func(ctx context.Context, tx domain.Store, id string) error
		kept bool
		want error
	}{
		"commits when fn returns nil": {
			func(ctx context.Context, tx domain.Store, id string) error {
				return rename(ctx, tx, id, "new")
			}, true, nil,
		},
		"rolls back when fn fails": {
			func(ctx context.Context, tx domain.Store, id string) error {
				return errors.Join(rename(ctx, tx, id, "new"), failure)
			}, false, failure,
		},
		"is the same transaction inside itself": {
			func(ctx context.Context, tx domain.Store, id string) error {
				nested := tx.InTx(ctx, func(inner domain.Store) error { return rename(ctx, inner, id, "new") })
				return errors.Join(nested, failure)
			}, false, failure,
		},
		"hands a failure inside itself to fn": {
			func(ctx context.Context, tx domain.Store, id string) error {
				if err := tx.InTx(ctx, func(domain.Store) error { return failure }); !errors.Is(err, failure) {
					return err
				}
				return rename(ctx, tx, id, "new")
			}, true, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := pgtest.New(t)
			user := pgtest.User(t, store, pgtest.UserOpts{})
			err := store.InTx(t.Context(), func(tx domain.Store) error { return test.fn(t.Context(), tx, user.ID) })
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			after, err := store.GetUser(t.Context(), user.ID)
			if err != nil {
				t.Fatal(err)
			}
			if kept := after.Name != nil; kept != test.kept {
				t.Errorf("kept: %t, want %t", kept, test.kept)
			}
		})
	}
}

// TestGeneratedCodeHasNoDriverTypes fails when sqlc falls back to pgtype: add an override to
// sqlc.yaml.
func TestGeneratedCodeHasNoDriverTypes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../gen/dbsqlc/models.go")
	noError(t, err)
	if regexp.MustCompile(`\bpgtype\b`).Match(text) {
		t.Error("gen/dbsqlc has a pgtype: add an override to sqlc.yaml")
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
