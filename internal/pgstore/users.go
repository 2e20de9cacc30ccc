package pgstore

import (
	"context"
	"slices"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/paging"
	"example.com/plinth/kit/textsearch"
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
		SetPendingEmail: update.SetPendingEmail, PendingEmail: update.PendingEmail, VerifyEmail: update.VerifyEmail,
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
	rows, err := read(ctx, s, func() ([]dbsqlc.User, error) { return list.Page(query.Limit) })
	return paging.Convert(rows, toUser), translate(err, nil)
}

func (s *Store) usersByAge(ctx context.Context, query domain.UserQuery) textsearch.List[dbsqlc.User] {
	containing, beginning := textsearch.Patterns(query.Search)
	after := query.Start()
	list := textsearch.List[dbsqlc.User]{Scan: func(atMost int) ([]dbsqlc.User, error) {
		return s.planned.ListUsersByAge(ctx, dbsqlc.ListUsersByAgeParams{
			AfterCreatedAt: after.Time, AfterID: after.ID, Role: (*string)(query.Role), IsActive: query.IsActive,
			Containing: containing, Beginning: beginning, MaxLookedAt: toLimit(atMost), MaxRows: toLimit(query.Limit),
		})
	}}
	if query.Search != "" {
		list.Find = func() ([]dbsqlc.User, error) {
			return s.planned.FindUsersByAge(ctx, dbsqlc.FindUsersByAgeParams{
				AfterCreatedAt: after.Time, AfterID: after.ID, Role: (*string)(query.Role), IsActive: query.IsActive,
				Containing: containing, Beginning: beginning, MaxRows: toLimit(query.Limit),
			})
		}
	}
	return list
}

func (s *Store) usersByEmail(ctx context.Context, query domain.UserQuery) textsearch.List[dbsqlc.User] {
	containing, beginning := textsearch.Patterns(query.Search)
	after := query.Start()
	list := textsearch.List[dbsqlc.User]{Scan: func(atMost int) ([]dbsqlc.User, error) {
		return s.planned.ListUsersByEmail(ctx, dbsqlc.ListUsersByEmailParams{
			AfterEmail: after.Text, Role: (*string)(query.Role), IsActive: query.IsActive,
			Containing: containing, Beginning: beginning, MaxLookedAt: toLimit(atMost), MaxRows: toLimit(query.Limit),
		})
	}}
	if containing != nil {
		list.Find = func() ([]dbsqlc.User, error) {
			return s.planned.FindUsersByEmail(ctx, dbsqlc.FindUsersByEmailParams{
				AfterEmail: after.Text, Role: (*string)(query.Role), IsActive: query.IsActive,
				Containing: *containing, MaxRows: toLimit(query.Limit),
			})
		}
	}
	return list
}
