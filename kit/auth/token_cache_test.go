package auth_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/auth"
)

func TestCachedTokenIsCheckedAgain(t *testing.T) {
	t.Parallel()
	before, err := auth.GenerateKeySet(auth.AlgorithmEdDSA)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Unix(unixNow, 0)
	after, err := before.Rotate(start, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	now := start
	newTokens := func(keys *auth.KeySet) *auth.AccessTokens {
		cfg := config(keys)
		cfg.Now = func() time.Time { return now }
		return newAccessTokens(t, cfg)
	}
	old := mustIssue(t, newTokens(before))
	verifier := newTokens(after)
	current := mustIssue(t, verifier)
	for _, step := range []struct {
		after           time.Duration
		token, complain string
	}{
		{0, old, ""},
		{0, current, ""},
		{time.Minute - time.Second, old, ""},
		{time.Minute, old, "retired key"},
		{lifetime + 29*time.Second, current, ""},
		{lifetime + 30*time.Second, current, "expired"},
		{-31 * time.Second, current, "not valid yet"},
	} {
		now = start.Add(step.after)
		_, err := verifier.Verify(step.token)
		switch {
		case step.complain == "" && err != nil:
			t.Errorf("after %s: %v", step.after, err)
		case step.complain != "" && (!errors.Is(err, auth.ErrInvalidToken) || !strings.HasSuffix(err.Error(), step.complain)):
			t.Errorf("after %s: err = %v, want %s", step.after, err, step.complain)
		}
	}
	if n := verifier.Remembered(); n != 2 {
		t.Errorf("%d tokens are cached, want 2", n)
	}
}

func TestOnlyIssuedTokensAreCached(t *testing.T) {
	t.Parallel()
	tokens := newAccessTokens(t, config(symmetricKeys(t)))
	good := mustIssue(t, tokens)
	for range 3 {
		if _, err := tokens.Verify(good); err != nil {
			t.Fatal(err)
		}
	}
	for name, token := range map[string]string{
		"another signature": good[:len(good)-2] + flip(good[len(good)-2:]),
		"a stranger's":      forge([]byte("another secret, also of 32 bytes!"), goodHeader, claimsWith(t, nil)),
		"a longer one":      good + "A",
		"an empty one":      "",
	} {
		for range 2 {
			if _, err := tokens.Verify(token); !errors.Is(err, auth.ErrInvalidToken) {
				t.Errorf("%s: err = %v", name, err)
			}
		}
	}
	if n := tokens.Remembered(); n != 1 {
		t.Errorf("%d tokens are cached, want 1", n)
	}
}

// flip returns another text of the same alphabet.
func flip(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 'A' {
			return 'Q'
		}
		return 'A'
	}, s)
}

func TestTokenCacheIsBounded(t *testing.T) {
	t.Parallel()
	tokens := newAccessTokens(t, config(symmetricKeys(t)))
	for range auth.VerifiedTokens + 10 {
		if _, err := tokens.Verify(mustIssue(t, tokens)); err != nil {
			t.Fatal(err)
		}
	}
	if n := tokens.Remembered(); n != auth.VerifiedTokens {
		t.Errorf("%d tokens are cached, want %d", n, auth.VerifiedTokens)
	}
}
