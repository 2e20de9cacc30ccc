package domain_test

import (
	"testing"

	"example.com/plinth/internal/domain"
)

// TestSearchesBeginnings is about the rule in the contract's words about `search`.
func TestSearchesBeginnings(t *testing.T) {
	t.Parallel()
	for search, want := range map[string]bool{
		"a": true, "ad": true, "ada": false, "a d a": true, "a.b.c": true, "%%%": true, "李明": true, "李明华": false, "é1ü": false,
		"x 123": false, "ada love": false,
		"@": true, "@ab": true, "@example.com": false, "@example@": true, "ada@": true, "ada@example.com": true, "a@": true,
	} {
		if got := (domain.UserQuery{Search: search}).SearchesBeginnings(); got != want {
			t.Errorf("%q: %t, want %t", search, got, want)
		}
	}
}
