package domain

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// UserSort is an order of users.
type UserSort string

// The orders.
const (
	UsersByAge   UserSort = "created_at" // the newest first
	UsersByEmail UserSort = "email"      // without regard to case
)

// UserPosition is a place between two users in an order: right after the one with these values. ByAge uses CreatedAt (to
// the microsecond) and ID, ByEmail uses Email.
type UserPosition struct {
	CreatedAt time.Time
	ID        string
	Email     string
}

// UserQuery selects users. Nil filters and an empty Search select all; a nil After starts at the first.
type UserQuery struct {
	Sort     UserSort
	After    *UserPosition
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

// UserPage is a part of a list, and where the next one starts; Next is nil after the last.
type UserPage struct {
	Users []User
	Next  *UserPosition
}

// ListUsers returns a page of at most limit users. It is for admins and fails with ErrForbidden.
func (s *UserService) ListUsers(ctx context.Context, actor Actor, query UserQuery, limit int) (UserPage, error) {
	if !actor.HasRole(RoleAdmin) {
		return UserPage{}, ErrForbidden
	}
	users, err := s.store.ListUsers(ctx, query, limit+1) // one more tells whether there is a next page
	if err != nil || len(users) <= limit {
		return UserPage{Users: users}, err
	}
	users = users[:limit]
	last := users[limit-1]
	return UserPage{
		Users: users, Next: &UserPosition{CreatedAt: last.CreatedAt, ID: last.ID, Email: last.Email},
	}, nil
}
