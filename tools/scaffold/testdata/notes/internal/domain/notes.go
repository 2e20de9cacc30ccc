package domain

import "context"

// NoteStore stores notes.
type NoteStore interface {
	// CountNotes returns how many notes an account has.
	CountNotes(ctx context.Context, userID string) (int, error)
}

// NoteService has the rules of notes.
type NoteService struct{ store NoteStore }

// NewNoteService returns the service on a store.
func NewNoteService(store NoteStore) *NoteService { return &NoteService{store} }

// CountNotes returns how many notes the actor has.
func (s *NoteService) CountNotes(ctx context.Context, actor Actor) (int, error) {
	return s.store.CountNotes(ctx, actor.User.ID)
}
