package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/auth"
)

func TestRotate(t *testing.T) {
	t.Parallel()
	now := time.Unix(unixNow, 0)
	before, err := auth.GenerateKeySet(auth.AlgorithmEdDSA)
	if err != nil {
		t.Fatal(err)
	}
	standby := parseJWKS(t, keyFile(t, before)).Keys[1]["kid"]
	after, err := before.Rotate(now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	after = parseKeys(t, keyFile(t, after)) // as the next start reads it
	verifyAt := func(set *auth.KeySet, now time.Time, token string) error {
		cfg := config(set)
		cfg.Now, cfg.Lifetime = func() time.Time { return now }, 24*time.Hour
		_, err := newAccessTokens(t, cfg).Verify(token)
		return err
	}
	cfg := config(before)
	cfg.Lifetime = 24 * time.Hour
	oldToken := mustIssue(t, newAccessTokens(t, cfg))

	t.Run("the standby key becomes active and a new one takes its place", func(t *testing.T) {
		t.Parallel()
		if after.ActiveKeyID() != standby {
			t.Errorf("active = %s, want %s", after.ActiveKeyID(), standby)
		}
		if keys := parseJWKS(
			t,
			keyFile(t, after),
		).Keys; len(keys) != 3 || keys[1]["d"] == nil ||
			keys[1]["kid"] == before.ActiveKeyID() {
			t.Errorf("%d keys, want an active, a standby and a retired one", len(keys))
		}
	})
	t.Run("replicas with the old and the new file read each other's tokens", func(t *testing.T) {
		t.Parallel()
		if err := verifyAt(before, now, mustIssue(t, newAccessTokens(t, config(after)))); err != nil {
			t.Errorf("the old set rejects a token of the new one: %v", err)
		}
		if err := verifyAt(after, now.Add(time.Hour-time.Second), oldToken); err != nil {
			t.Errorf("the new set rejects a token of the old one: %v", err)
		}
	})
	t.Run("the retired key ends with the overlap", func(t *testing.T) {
		t.Parallel()
		err := verifyAt(after, now.Add(time.Hour), oldToken)
		if !errors.Is(err, auth.ErrInvalidToken) || !strings.HasSuffix(err.Error(), "retired key") {
			t.Errorf("err = %v, want a retired key", err)
		}
	})
	t.Run("and is published until then", func(t *testing.T) {
		t.Parallel()
		isPublished := func(at time.Time) bool {
			return slices.ContainsFunc(
				after.PublicKeys(at),
				func(key auth.PublicJWK) bool { return key.KeyID == before.ActiveKeyID() },
			)
		}
		if end := now.Add(time.Hour); !isPublished(end.Add(-time.Second)) || isPublished(end) {
			t.Errorf("just before its end: %t, at its end: %t", isPublished(end.Add(-time.Second)), isPublished(end))
		}
	})
	t.Run("the file holds no private half of the retired key", func(t *testing.T) {
		t.Parallel()
		retired := parseJWKS(t, keyFile(t, after)).Keys[2]
		if retired["kid"] != before.ActiveKeyID() || retired["d"] != nil || retired["exp"] != float64(unixNow+3600) {
			t.Errorf("retired = %v", retired)
		}
	})
	t.Run("a later rotation drops it", func(t *testing.T) {
		t.Parallel()
		later, err := after.Rotate(now.Add(time.Hour), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(keyFile(t, later)), before.ActiveKeyID()) {
			t.Error("the key is still in the file")
		}
	})
	t.Run("an earlier rotation keeps it", func(t *testing.T) {
		t.Parallel()
		soon, err := after.Rotate(now.Add(time.Minute), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifyAt(soon, now.Add(time.Minute), oldToken); err != nil {
			t.Error(err)
		}
	})
	t.Run("without overlap the active key is dropped at once", func(t *testing.T) {
		t.Parallel()
		emergency, err := before.Rotate(now, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := verifyAt(emergency, now, oldToken); !errors.Is(err, auth.ErrInvalidToken) {
			t.Errorf("err = %v, want ErrInvalidToken", err)
		}
	})
	t.Run("the set itself does not change", func(t *testing.T) {
		t.Parallel()
		if err := verifyAt(before, now, mustIssue(t, newAccessTokens(t, config(before)))); err != nil {
			t.Error(err)
		}
	})
	t.Run("a negative overlap is refused", func(t *testing.T) {
		t.Parallel()
		if _, err := before.Rotate(now, -time.Second); err == nil {
			t.Error("no error")
		}
	})
	t.Run("more retired keys than a file may hold are refused", func(t *testing.T) {
		t.Parallel()
		set := before
		for range 14 { // 16 keys less the active and the one on standby
			next, err := set.Rotate(now, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			set = parseKeys(t, keyFile(t, next))
		}
		if _, err := set.Rotate(now, time.Hour); err == nil {
			t.Error("no error")
		}
	})
}
