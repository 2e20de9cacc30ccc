package pgstore

import (
	"context"

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

// LockActiveAdmins implements domain.UserStore.
func (s *Store) LockActiveAdmins(ctx context.Context) ([]string, error) {
	ids, err := s.queries.LockActiveAdmins(ctx)
	return ids, translate(err, nil)
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
