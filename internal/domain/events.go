package domain

import (
	"context"
	"time"
)

// EventType says what happened. Each noun declares its types in its own file; the contract
// describes them. The names are those of the OWASP logging vocabulary if it has one.
type EventType string

// Event is something that was done to an account or a session, or tried. Empty fields are unknown
// or do not apply. An event holds identifiers and constants, never what a client sent: no e-mail,
// no password, no token.
type Event struct {
	Type      EventType
	ActorID   string
	TargetID  string
	SessionID string
	Client    Client
	Detail    string
}

// Recorder keeps events.
type Recorder interface {
	// Record adds events in the transaction of tx, which is the transaction of the change that they
	// describe. Its error must fail the change.
	Record(ctx context.Context, tx Store, events ...Event) error
	// RecordRefusal adds a refusal, or counts it with the first one of the same type and subject in
	// the same minute, so that refused clients cannot fill the store.
	RecordRefusal(ctx context.Context, store Store, subject string, event Event) error
}

// NoRecorder discards events.
type NoRecorder struct{}

// Record implements Recorder.
func (NoRecorder) Record(context.Context, Store, ...Event) error { return nil }

// RecordRefusal implements Recorder.
func (NoRecorder) RecordRefusal(context.Context, Store, string, Event) error { return nil }

func recorderOrNone(events Recorder) Recorder {
	if events == nil {
		return NoRecorder{}
	}
	return events
}

// recordDetached records an event even if the request is canceled: a client must not avoid it by
// hanging up.
func recordDetached(ctx context.Context, events Recorder, store Store, event Event) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	return events.Record(ctx, store, event)
}

// detached returns a context that outlives the request, for a short time.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	const timeout = 2 * time.Second
	return context.WithTimeout(context.WithoutCancel(ctx), timeout)
}
