package domain_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/paging"
)

func TestListUsers(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	admin := domain.Actor{User: pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})}
	users := []domain.User{admin.User}
	for range 3 {
		users = append(users, pgtest.User(t, s.store, pgtest.UserOpts{}))
	}
	pgtest.Exec(t, s.url, "UPDATE users SET created_at = now()") // then the ids decide

	byID := func(a, b domain.User) int { return strings.Compare(b.ID, a.ID) } // the newest first
	byEmail := func(a, b domain.User) int { return strings.Compare(a.Email, b.Email) }
	for sort, compare := range map[domain.UserSort]func(a, b domain.User) int{domain.UsersByAge: byID, domain.UsersByEmail: byEmail} {
		wanted := emails(slices.SortedFunc(slices.Values(users), compare))
		for limit, pages := range map[int]int{1: 4, 2: 2, 3: 2, 4: 1, 5: 1} {
			var got []string
			count := 0
			for query := (domain.UserQuery{Range: paging.Range{Limit: limit}, Sort: sort}); ; count++ {
				page, err := s.users.ListUsers(t.Context(), admin, query)
				must(t, err)
				if len(page.Items) > limit {
					t.Errorf("a page of %d has %d", limit, len(page.Items))
				}
				got = append(got, emails(page.Items)...)
				if query.After = page.Next; page.Next == nil || len(got) > len(users) {
					break
				}
			}
			if !slices.Equal(got, wanted) || count+1 != pages {
				t.Errorf("%d by %s, on %d pages: %q, want %q on %d", limit, sort, count+1, got, wanted, pages)
			}
		}
	}
}

func emails(users []domain.User) []string {
	found := make([]string, len(users))
	for i, user := range users {
		found[i] = user.Email
	}
	return found
}

func TestListUsersIsForAdmins(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := domain.Actor{User: pgtest.User(t, s.store, pgtest.UserOpts{})}
	page, err := s.users.ListUsers(t.Context(), user, domain.UserQuery{Range: paging.Range{Limit: 10}})
	wantError(t, err, domain.ErrForbidden)
	if page.Items != nil || page.Next != nil {
		t.Errorf("with the refusal comes %+v", page)
	}
}

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
