package pgstore

import "context"

// CountNotes implements domain.NoteStore.
func (s *Store) CountNotes(ctx context.Context, userID string) (int, error) {
	count, err := read(ctx, s, func() (int64, error) { return s.queries.CountNotes(ctx, userID) })
	return int(count), translate(err, nil)
}
