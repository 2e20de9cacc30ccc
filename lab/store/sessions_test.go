package store_test

import (
	"errors"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

func TestDeletedSessionAcceptsNoTokens(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	if err := store.CreateRefreshToken(t.Context(), domain.NewRefreshToken{SessionID: noSuchID}); err != nil {
		t.Error(err)
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM refresh_tokens"); n != 0 {
		t.Errorf("%d tokens were stored", n)
	}
}

func TestLockSessionOfRefreshTokenSerializes(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{ApplicationName: "second"})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	hash := createToken(t, store, createSession(t, store, user, "1"), 1)
	unrelated := createToken(t, store, createSession(t, store, user, "2"), 2)
	waited := make(chan domain.LockedSession, 1)
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		session, err := tx.LockSessionOfRefreshToken(t.Context(), hash, [32]byte{})
		if err != nil || session.ID != sessionID("1") || session.UserID != user.ID || !session.IsLive {
			t.Errorf("locked %+v, %v", session, err)
		}
		go func() {
			session, err := store.LockSessionOfRefreshToken(t.Context(), hash, [32]byte{})
			if err != nil {
				t.Error(err)
			}
			waited <- session
		}()
		awaitLockWait(t, databaseURL, "second")
		if _, err := store.LockSessionOfRefreshToken(t.Context(), unrelated, [32]byte{}); err != nil {
			t.Errorf("another session cannot be locked: %v", err)
		}
		_, err = tx.RevokeSession(t.Context(), session.ID, domain.RevokedByTokenReuse)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if session := <-waited; session.IsLive {
		t.Error("after the wait for the lock the session is stale")
	}
}

// A session that was used while its end waited has not been used after its end.
func TestRevocationThatWaitedForALockIsLater(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{ApplicationName: "second"})
	session := createSession(t, store, pgtest.User(t, store, pgtest.UserOpts{}), "1")
	hash := createToken(t, store, session, 1)
	ended := make(chan error, 1)
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		if _, err := tx.LockSessionOfRefreshToken(t.Context(), hash, [32]byte{}); err != nil {
			return err
		}
		go func() {
			_, err := store.RevokeSession(t.Context(), session.ID, domain.RevokedByAdmin)
			ended <- err
		}()
		awaitLockWait(t, databaseURL, "second")
		return tx.TouchSession(t.Context(), session.ID, familyOf("1"), domain.Client{}, time.Second)
	})
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	if pgtest.Value[bool](t, databaseURL, "SELECT revoked_at < last_used_at FROM sessions") {
		t.Error("it was used after its end")
	}
}
