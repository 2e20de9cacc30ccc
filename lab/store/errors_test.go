package store_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgerrcode"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/testdb"
)

func TestOtherViolationsAreInternal(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	_, err := store.CreateUser(t.Context(), domain.NewUser{
		ID: "no ulid", Email: "a@b", PasswordHash: "x",
		Role: domain.RoleUser,
	})
	wantServerError(t, err, pgerrcode.CheckViolation)
	_, err = store.CreateSession(t.Context(), domain.NewSession{ID: noSuchID, UserID: noSuchID})
	wantServerError(t, err, pgerrcode.ForeignKeyViolation)
}

func TestClosedPoolIsUnavailable(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	store.Close()
	for name, call := range everyMethod(store) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, call(t.Context()), domain.ErrUnavailable)
		})
	}
}

func TestLostAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	for _, marker := range []string{"GetUser :one", "commit"} {
		t.Run(marker, func(t *testing.T) {
			t.Parallel()
			store := pgtest.NewStore(t, testdb.LoseAnswer(t, pgtest.URL(t), marker, 1), pgstore.Options{})
			defer store.Close() // it cancels the query, before the proxy ends
			err := store.InTx(t.Context(), func(tx domain.Store) error {
				_, err := tx.GetUser(t.Context(), noSuchID)
				if errors.Is(err, domain.ErrUserNotFound) {
					return nil
				}
				return err
			})
			wantCode(t, err, domain.ErrUnavailable)
		})
	}
}
