package pgstore

import (
	"context"
	"slices"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
)

// The conversions between dbsqlc's structs and the domain's are Go conversions: a new column does not compile until
// somebody decides what it means.

// CreateUser implements domain.UserStore.
func (s *Store) CreateUser(ctx context.Context, user domain.NewUser) (domain.User, error) {
	row, err := s.queries.CreateUser(ctx, dbsqlc.CreateUserParams(user))
	return domain.User(row), translate(err, nil)
}

// GetUser implements domain.UserStore.
func (s *Store) GetUser(ctx context.Context, id string) (domain.User, error) {
	row, err := read(ctx, s, func() (dbsqlc.User, error) { return s.queries.GetUser(ctx, id) })
	return domain.User(row), translate(err, domain.ErrUserNotFound)
}

// LockUser implements domain.UserStore.
func (s *Store) LockUser(ctx context.Context, id string) (domain.User, error) {
	row, err := s.queries.LockUser(ctx, id)
	return domain.User(row), translate(err, domain.ErrUserNotFound)
}

// LockUserAndAdmins implements domain.UserStore.
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

// GetUserByEmail implements domain.UserStore.
func (s *Store) GetUserByEmail(ctx context.Context, email string) (domain.User, error) {
	row, err := read(ctx, s, func() (dbsqlc.User, error) { return s.queries.GetUserByEmail(ctx, email) })
	return domain.User(row), translate(err, domain.ErrUserNotFound)
}

// UpdateUser implements domain.UserStore.
func (s *Store) UpdateUser(ctx context.Context, id string, update domain.UserUpdate) (domain.User, error) {
	row, err := s.queries.UpdateUser(ctx, dbsqlc.UpdateUserParams{
		ID: id, Email: update.Email, PasswordHash: update.PasswordHash, SetName: update.SetName, Name: update.Name,
		Role: (*string)(update.Role), IsActive: update.IsActive,
	})
	return domain.User(row), translate(err, domain.ErrUserNotFound)
}

// DeleteUser implements domain.UserStore.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	n, err := s.queries.DeleteUser(ctx, id)
	return translateRows(n, err, domain.ErrUserNotFound)
}

// RehashUserPassword implements domain.UserStore.
func (s *Store) RehashUserPassword(ctx context.Context, id, oldHash, newHash string) error {
	_, err := s.queries.RehashUserPassword(ctx, dbsqlc.RehashUserPasswordParams{
		ID: id, OldHash: oldHash, NewHash: newHash,
	})
	return translate(err, nil)
}
