package rules_test

import (
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestDatabaseRefusesInvalidEmails(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	for _, email := range []string{"", "ada @example.com", "\u212Aate@example.com", "\u0430da@example.com", strings.Repeat("a", 255)} {
		if _, err := s.store.UpdateUser(t.Context(), user.ID, domain.UserUpdate{Email: &email}); err == nil {
			t.Errorf("%q was stored", email)
		}
	}
}
