package pgstore

import (
	"context"
	"slices"
	"strings"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/paging"
)

// userFailures are the domain's errors for empty results and violated constraints of users.
var userFailures = failures{
	noRows:   domain.ErrUserNotFound,
	violated: map[string]*domain.Error{"users_email_key": domain.ErrEmailTaken},
}

// Structs of dbsqlc and of the domain are converted as a whole, so that code with a new column does
// not compile until the domain has it, too.
func toUser(row dbsqlc.User) domain.User { return domain.User(row) }

func (s *Store) CreateUser(ctx context.Context, user domain.NewUser) (domain.User, error) {
	row, err := s.queries.CreateUser(ctx, dbsqlc.CreateUserParams(user))
	return domain.User(row), userFailures.translate(err)
}

func (s *Store) GetUser(ctx context.Context, id string) (domain.User, error) {
	row, err := read(ctx, s, func() (dbsqlc.User, error) { return s.queries.GetUser(ctx, id) })
	return domain.User(row), userFailures.translate(err)
}

func (s *Store) LockUser(ctx context.Context, id string) (domain.User, error) {
	row, err := s.queries.LockUser(ctx, id)
	return domain.User(row), userFailures.translate(err)
}

func (s *Store) LockUserAndAdmins(ctx context.Context, id string) (user domain.User, otherAdmins int, err error) {
	rows, err := s.queries.LockUserAndAdmins(ctx, id)
	if err != nil {
		return domain.User{}, 0, translate(err, nil)
	}
	i := slices.IndexFunc(rows, func(row dbsqlc.User) bool { return row.ID == id })
	if i < 0 {
		return domain.User{}, 0, domain.ErrUserNotFound
	}
	return domain.User(rows[i]), len(rows) - 1, nil
}

func (s *Store) GetUserByEmail(ctx context.Context, email string) (domain.User, error) {
	row, err := read(ctx, s, func() (dbsqlc.User, error) { return s.queries.GetUserByEmail(ctx, email) })
	return domain.User(row), userFailures.translate(err)
}

func (s *Store) UpdateUser(ctx context.Context, id string, update domain.UserUpdate) (domain.User, error) {
	row, err := s.queries.UpdateUser(ctx, dbsqlc.UpdateUserParams{
		ID: id, Email: update.Email, PasswordHash: update.PasswordHash, SetName: update.SetName, Name: update.Name,
		Role: (*string)(update.Role), IsActive: update.IsActive,
	})
	return domain.User(row), userFailures.translate(err)
}

func (s *Store) DeleteUser(ctx context.Context, id string) error {
	n, err := s.queries.DeleteUser(ctx, id)
	return userFailures.translateRows(n, err)
}

func (s *Store) RehashUserPassword(ctx context.Context, id, oldHash, newHash string) error {
	_, err := s.queries.RehashUserPassword(ctx, dbsqlc.RehashUserPasswordParams{
		ID: id, OldHash: oldHash, NewHash: newHash,
	})
	return translate(err, nil)
}

func (s *Store) ListUsers(ctx context.Context, query domain.UserQuery) ([]domain.User, error) {
	list := s.usersByAge(ctx, query)
	if query.Sort == domain.UsersByEmail {
		list = s.usersByEmail(ctx, query)
	}
	rows, err := read(ctx, s, func() ([]dbsqlc.User, error) { return list.page(query.Limit) })
	return paging.Convert(rows, toUser), translate(err, nil)
}

// userList is a list of users in an order, after a position.
type userList struct {
	// scan reads at most that many users in order, and returns those that match, up to a page.
	scan func(most int) ([]dbsqlc.User, error)
	// find returns a page of users that match, by an index of their texts. Nil if there is nothing
	// to search for.
	find func() ([]dbsqlc.User, error)
}

// How many users a search reads in order: first to find out whether there are matches, and then if
// there are some.
const (
	firstScan  = 256
	secondScan = 5_000
)

// page returns the next page. If many users match, reading in order finds them fastest; if few do,
// an index. The estimates of PostgreSQL are wrong for matches that are not spread evenly over the
// order, such as e-mails with the same beginning or accounts of the same day. So page tries, within
// bounds.
func (l userList) page(most int) ([]dbsqlc.User, error) {
	if l.find == nil {
		return l.scan(most)
	}
	users, err := l.scan(firstScan)
	if err == nil && len(users) > 0 && len(users) < most {
		users, err = l.scan(secondScan)
	}
	if err != nil || len(users) == most {
		return users, err
	}
	return l.find()
}

func (s *Store) usersByAge(ctx context.Context, query domain.UserQuery) userList {
	containing, beginning := patterns(query)
	after := query.Start()
	list := userList{scan: func(atMost int) ([]dbsqlc.User, error) {
		return s.planned.ListUsersByAge(ctx, dbsqlc.ListUsersByAgeParams{
			AfterCreatedAt: after.Time, AfterID: after.ID, Role: (*string)(query.Role), IsActive: query.IsActive,
			Containing: containing, Beginning: beginning, MaxLookedAt: toLimit(atMost), MaxRows: toLimit(query.Limit),
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
	list := userList{scan: func(atMost int) ([]dbsqlc.User, error) {
		return s.planned.ListUsersByEmail(ctx, dbsqlc.ListUsersByEmailParams{
			AfterEmail: after.Text, Role: (*string)(query.Role), IsActive: query.IsActive,
			Containing: containing, Beginning: beginning, MaxLookedAt: toLimit(atMost), MaxRows: toLimit(query.Limit),
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

// patterns returns the pattern of a search for LIKE, in one of the results, or none.
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
