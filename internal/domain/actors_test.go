package domain_test

import (
	"testing"

	"example.com/plinth/internal/domain"
)

func TestHasRole(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		is, asked domain.Role
		want      bool
	}{
		{domain.RoleUser, domain.RoleUser, true},
		{domain.RoleUser, domain.RoleAdmin, false},
		{domain.RoleAdmin, domain.RoleUser, true},
		{domain.RoleAdmin, domain.RoleAdmin, true},
		{"", domain.RoleUser, false},
		{"", domain.RoleAdmin, false},
	} {
		actor := domain.Actor{User: domain.User{Role: test.is}}
		if got := actor.HasRole(test.asked); got != test.want {
			t.Errorf("%q has the rights of %q: %t, want %t", test.is, test.asked, got, test.want)
		}
	}
}
