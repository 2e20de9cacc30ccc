package domain

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.com/plinth/kit/paging"
)

// UserSort is an order of users.
type UserSort string

// The orders.
const (
	UsersByAge   UserSort = "created_at" // the newest first
	UsersByEmail UserSort = "email"      // without regard to case
)

// UserQuery selects a range of users. Nil filters and an empty Search select all.
type UserQuery struct {
	paging.Range

	Sort     UserSort
	Role     *Role
	IsActive *bool
	Search   string // see SearchesBeginnings
}

// SearchesBeginnings reports whether e-mails have to begin with the text of Search, instead of e-mail or name holding it
// somewhere. That is so for text that is too short to be found inside of others by an index, and for what looks like an
// e-mail, or the beginning of one, which is found at once.
func (q UserQuery) SearchesBeginnings() bool {
	return strings.LastIndexByte(q.Search, '@') > 0 || longestWord(q.Search) < minSearchedWord
}

// minSearchedWord is how many letters or digits in a row it takes to find text anywhere, with an index of all threes.
const minSearchedWord = 3

// longestWord returns how many letters or digits there are in a row.
func longestWord(text string) (longest int) {
	isOther := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	for word := range strings.FieldsFuncSeq(text, isOther) {
		longest = max(longest, utf8.RuneCountInString(word))
	}
	return longest
}

// position is the place of a user in each order.
func (u User) position() paging.Position {
	return paging.Position{Time: u.CreatedAt, ID: u.ID, Text: u.Email}
}

// ListUsers returns a page of users. It is for admins and fails with ErrForbidden.
func (s *UserService) ListUsers(ctx context.Context, actor Actor, query UserQuery) (paging.Page[User], error) {
	if !actor.HasRole(RoleAdmin) {
		return paging.Page[User]{}, ErrForbidden
	}
	return paging.Read(query.Range, User.position, func(r paging.Range) ([]User, error) {
		query.Range = r
		return s.store.ListUsers(ctx, query)
	})
}
