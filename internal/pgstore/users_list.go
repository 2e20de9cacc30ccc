package pgstore

import (
	"context"
	"strings"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/paging"
)

// ListUsers implements domain.UserStore.
func (s *Store) ListUsers(ctx context.Context, query domain.UserQuery) ([]domain.User, error) {
	list := s.usersByAge(ctx, query)
	if query.Sort == domain.UsersByEmail {
		list = s.usersByEmail(ctx, query)
	}
	rows, err := read(ctx, s, func() ([]dbsqlc.User, error) { return list.page(query.Limit) })
	return paging.Convert(rows, toUser), translate(err, nil)
}

func toUser(row dbsqlc.User) domain.User { return domain.User(row) }

// userList is a list of users in some order, from some position on.
type userList struct {
	// look returns those that match among so many that are next in order, up to a page of them.
	look func(lookAt int) ([]dbsqlc.User, error)
	// find returns the next page of those that match, by an index of what they hold. Nil if all that are next match.
	find func() ([]dbsqlc.User, error)
}

// How many users a search looks at in order: first to see whether it gets anywhere, and then if it does.
const (
	firstLook  = 256
	secondLook = 5_000
)

// page returns the next page. Where most match, they are soonest found by looking at who is next; where few do, by an
// index. Nobody knows beforehand: PostgreSQL's guess is good as long as matches are spread evenly over the order, but those
// that begin with the same letters, or came on the same day, are not. So it is tried, within bounds.
func (l userList) page(most int) ([]dbsqlc.User, error) {
	if l.find == nil {
		return l.look(most)
	}
	users, err := l.look(firstLook)
	if err == nil && len(users) > 0 && len(users) < most {
		users, err = l.look(secondLook)
	}
	if err != nil || len(users) == most {
		return users, err
	}
	return l.find()
}

func (s *Store) usersByAge(ctx context.Context, query domain.UserQuery) userList {
	containing, beginning := patterns(query)
	after := query.Start()
	list := userList{look: func(lookAt int) ([]dbsqlc.User, error) {
		return s.planned.ListUsersByAge(ctx, dbsqlc.ListUsersByAgeParams{
			AfterCreatedAt: after.Time, AfterID: after.ID, Role: (*string)(query.Role), IsActive: query.IsActive,
			Containing: containing, Beginning: beginning, MaxLookedAt: toLimit(lookAt), MaxRows: toLimit(query.Limit),
		})
	}}
	if query.Search != "" {
		list.find = func() ([]dbsqlc.User, error) {
			return s.planned.FindUsersByAge(ctx, dbsqlc.FindUsersByAgeParams{
				AfterCreatedAt: after.Time, AfterID: after.ID, Role: (*string)(query.Role), IsActive: query.IsActive,
				Containing: containing, Beginning: beginning, MaxRows: toLimit(query.Limit),
			})
		}
	}
	return list
}

func (s *Store) usersByEmail(ctx context.Context, query domain.UserQuery) userList {
	containing, beginning := patterns(query)
	after := query.Start()
	list := userList{look: func(lookAt int) ([]dbsqlc.User, error) {
		return s.planned.ListUsersByEmail(ctx, dbsqlc.ListUsersByEmailParams{
			AfterEmail: after.Text, Role: (*string)(query.Role), IsActive: query.IsActive,
			Containing: containing, Beginning: beginning, MaxLookedAt: toLimit(lookAt), MaxRows: toLimit(query.Limit),
		})
	}}
	if containing != nil {
		list.find = func() ([]dbsqlc.User, error) {
			return s.planned.FindUsersByEmail(ctx, dbsqlc.FindUsersByEmailParams{
				AfterEmail: after.Text, Role: (*string)(query.Role), IsActive: query.IsActive,
				Containing: *containing, MaxRows: toLimit(query.Limit),
			})
		}
	}
	return list
}

// patterns writes the search of a query for LIKE: one of the two, or none.
func patterns(query domain.UserQuery) (containing, beginning *string) {
	if query.Search == "" {
		return nil, nil
	}
	beginning = new(likeEscapes.Replace(query.Search) + "%")
	if query.SearchesBeginnings() {
		return nil, beginning
	}
	return new("%" + *beginning), nil
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
