package auth_test

import (
	"bytes"
	"testing"
	"time"

	"example.com/plinth/internal/auth"
)

func derive(t *testing.T, set *auth.KeySet, purpose string) []byte {
	t.Helper()
	derived, err := set.Derive(purpose)
	if err != nil {
		t.Fatal(err)
	}
	return derived
}

func TestDerive(t *testing.T) {
	t.Parallel()
	for name, set := range keySets(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			derived := derive(t, set, "one")
			if len(derived) != 32 || !bytes.Equal(derived, derive(t, set, "one")) || bytes.Equal(derived, derive(t, set, "another")) {
				t.Error("a purpose does not have 32 bytes of its own")
			}
			if set.Algorithm() == auth.AlgorithmHS256 {
				return
			}
			// Another replica has read the same file.
			if !bytes.Equal(derived, derive(t, parseKeys(t, keyFile(t, set)), "one")) {
				t.Error("the file gives other bytes")
			}
			rotated, err := set.Rotate(time.Now(), time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(derived, derive(t, rotated, "one")) {
				t.Error("a leaked key still counts after a rotation")
			}
		})
	}
}

func TestDeriveDependsOnTheSecret(t *testing.T) {
	t.Parallel()
	var all [][]byte
	for _, secret := range []string{"0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdeF"} {
		set, err := auth.NewSymmetricKeySet([]byte(secret))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, derive(t, set, "one"))
	}
	if bytes.Equal(all[0], all[1]) {
		t.Error("two secrets give the same bytes")
	}
}
