package store_test

import (
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestInTxIsInvisibleUntilItsEnd(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		user := pgtest.User(t, tx, pgtest.UserOpts{})
		_, err := store.GetUser(t.Context(), user.ID)
		wantCode(t, err, domain.ErrUserNotFound)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// fn may ignore an error: PostgreSQL rejects the later statements, and does not commit.
func TestTransactionWithAnIgnoredErrorIsNotCommitted(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	taken := pgtest.User(t, store, pgtest.UserOpts{})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	name := "new"
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		if _, err := tx.UpdateUser(t.Context(), user.ID, domain.UserUpdate{SetName: true, Name: &name}); err != nil {
			return err
		}
		_, err := tx.UpdateUser(t.Context(), user.ID, domain.UserUpdate{Email: &taken.Email})
		wantCode(t, err, domain.ErrEmailTaken)
		return nil
	})
	if err == nil {
		t.Error("the transaction claims to have been committed")
	}
	if after, err := store.GetUser(t.Context(), user.ID); err != nil || after.Name != nil {
		t.Errorf("the user is %+v (%v)", after, err)
	}
}
