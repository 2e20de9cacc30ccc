package pgkit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

var errMissing, errBroken = errors.New("missing"), errors.New("broken")

// oracle answers with the number of each key, if it is positive, in the order in which it is let.
type oracle struct {
	get pgstore.Get[string, int]

	mu    sync.Mutex
	alone []string
	calls [][]string
	held  chan struct{} // a receive lets one statement return
	fail  func()        // of statements for many; may panic
}

func newOracle() *oracle {
	o := &oracle{held: make(chan struct{})}
	o.get = pgstore.NewBatcher(o.askAlone, o.askTogether, errMissing)
	return o
}

func (o *oracle) askAlone(ctx context.Context, key string) (int, error) {
	o.mu.Lock()
	o.alone = append(o.alone, key)
	o.mu.Unlock()
	select {
	case <-o.held:
		n, err := strconv.Atoi(key)
		return n, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (o *oracle) askTogether(ctx context.Context, keys []string) (map[string]int, error) {
	o.mu.Lock()
	o.calls = append(o.calls, slices.Clone(keys))
	fail := o.fail
	o.mu.Unlock()
	select {
	case <-o.held:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if fail != nil {
		fail()
		return nil, errBroken
	}
	found := map[string]int{}
	for _, key := range keys {
		if n, err := strconv.Atoi(key); err == nil {
			found[key] = n
		}
	}
	return found, nil
}

// reply is what a caller got, and when.
type reply struct {
	value int
	err   error
	after time.Duration
}

// ask asks in the background, and returns once everything waits.
func (o *oracle) ask(ctx context.Context, key string) <-chan reply {
	replies := make(chan reply, 1)
	started := time.Now()
	go func() {
		value, err := o.get(ctx, key)
		replies <- reply{value, err, time.Since(started)}
	}()
	synctest.Wait()
	return replies
}

func (o *oracle) letReturn(times int) {
	for range times {
		o.held <- struct{}{}
		synctest.Wait()
	}
}

func (o *oracle) want(t *testing.T, alone string, together ...string) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if got := fmt.Sprint(o.alone); got != alone {
		t.Errorf("asked alone for %s, want %s", got, alone)
	}
	var calls []string
	for _, call := range o.calls {
		calls = append(calls, fmt.Sprint(call))
	}
	if !slices.Equal(calls, together) {
		t.Errorf("asked together for %v, want %v", calls, together)
	}
}

func wantReply(t *testing.T, replies <-chan reply, value int, err error, after time.Duration) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-replies:
		if got.value != value || !errors.Is(got.err, err) || got.after != after {
			t.Errorf("got %+v, want %d, %v after %v", got, value, err, after)
		}
	default:
		t.Errorf("no answer yet, want %d, %v", value, err)
	}
}

func TestCallersOfABatcherAskAloneWhileNobodyElseDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracle()
		for range 3 {
			one := o.ask(t.Context(), "1")
			o.letReturn(1)
			wantReply(t, one, 1, nil, 0)
		}
		o.want(t, "[1 1 1]")
	})
}

func TestABatcherGathersThoseWhoComeMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracle()
		first := o.ask(t.Context(), "1")
		second, third, nobody := o.ask(t.Context(), "2"), o.ask(t.Context(), "3"), o.ask(t.Context(), "nobody")
		o.want(t, "[1]")
		o.letReturn(1)
		wantReply(t, first, 1, nil, 0)
		o.want(t, "[1]", "[2 3 nobody]")
		// Whoever comes now wants to know what is true now: the statement on its way may have been answered before.
		again := o.ask(t.Context(), "2")
		o.letReturn(1)
		wantReply(t, second, 2, nil, 0)
		wantReply(t, third, 3, nil, 0)
		wantReply(t, nobody, 0, errMissing, 0)
		o.letReturn(1)
		wantReply(t, again, 2, nil, 0)
		o.want(t, "[1]", "[2 3 nobody]", "[2]")
		// All is as in the beginning.
		o.ask(t.Context(), "4")
		o.letReturn(1)
		o.want(t, "[1 4]", "[2 3 nobody]", "[2]")
	})
}

func TestABatchHasALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracle()
		o.ask(t.Context(), "0")
		var replies []<-chan reply
		for i := range pgstore.BatchSize + 2 {
			replies = append(replies, o.ask(t.Context(), strconv.Itoa(i)))
		}
		o.letReturn(3)
		for i, got := range replies {
			wantReply(t, got, i, nil, 0)
		}
		if sizes := []int{len(o.calls[0]), len(o.calls[1])}; !slices.Equal(sizes, []int{pgstore.BatchSize, 2}) {
			t.Errorf("asked for %v at a time", sizes)
		}
	})
}

// What breaks a statement for many need not be what breaks each of its callers.
func TestABatchThatFailsIsAskedForOneByOne(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(){"error": func() {}, "panic": func() { panic("a bug") }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := newOracle()
				o.fail = fail
				first := o.ask(t.Context(), "1")
				second, third := o.ask(t.Context(), "2"), o.ask(t.Context(), "3")
				o.letReturn(4)
				wantReply(t, first, 1, nil, 0)
				wantReply(t, second, 2, nil, 0)
				wantReply(t, third, 3, nil, 0)
				if len(o.calls) != 1 || len(o.alone) != 3 {
					t.Errorf("asked alone for %v, together for %v", o.alone, o.calls)
				}
			})
		})
	}
}

func TestACallerOfABatcherMayGiveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracle()
		first := o.ask(t.Context(), "1")
		hurried, hurry := context.WithTimeout(t.Context(), time.Millisecond)
		defer hurry()
		second, third := o.ask(hurried, "2"), o.ask(t.Context(), "3")
		time.Sleep(time.Millisecond)
		synctest.Wait()
		wantReply(t, second, 0, context.DeadlineExceeded, time.Millisecond)
		o.letReturn(2)
		wantReply(t, first, 1, nil, time.Millisecond)
		wantReply(t, third, 3, nil, time.Millisecond)
	})
}

// A statement that does not return, because its connection is dead, holds up those who came right after it at most, and
// those only until the next one comes.
func TestABatcherDoesNotWaitForTheSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracle()
		stuck, give := context.WithCancel(t.Context())
		first, second := o.ask(stuck, "1"), o.ask(t.Context(), "2")
		time.Sleep(10 * time.Millisecond)
		third := o.ask(t.Context(), "3")
		o.want(t, "[1]")
		time.Sleep(time.Millisecond)
		fourth := o.ask(t.Context(), "4")
		o.want(t, "[1]", "[2 3 4]")
		fifth := o.ask(t.Context(), "5") // waits for that one
		o.want(t, "[1]", "[2 3 4]")
		give()
		wantReply(t, first, 0, context.Canceled, 11*time.Millisecond)
		o.want(t, "[1]", "[2 3 4]", "[5]")
		o.letReturn(2)
		wantReply(t, second, 2, nil, 11*time.Millisecond)
		wantReply(t, third, 3, nil, time.Millisecond)
		wantReply(t, fourth, 4, nil, 0)
		wantReply(t, fifth, 5, nil, 0)
	})
}

// No statement for many lasts longer than the database lets it.
func TestABatchHasATimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracle()
		first, second := o.ask(t.Context(), "1"), o.ask(t.Context(), "2")
		o.letReturn(1)
		wantReply(t, first, 1, nil, 0)
		time.Sleep(8 * time.Second)
		synctest.Wait()
		o.letReturn(1) // alone
		wantReply(t, second, 2, nil, 8*time.Second)
		o.want(t, "[1 2]", "[2]")
	})
}

// However many ask at once, each gets who they are, and nobody after the session has ended.
func TestActorsInAStorm(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{MaxConns: 2})
	batches := store.CountBatches()
	ada, bob := pgtest.User(t, store, pgtest.UserOpts{}), pgtest.User(t, store, pgtest.UserOpts{Inactive: true})
	inactive, expired := createSession(t, store, bob, "A"), createSession(t, store, ada, "B")
	pgtest.Exec(t, databaseURL, "UPDATE sessions SET created_at = now() - interval '2 days', expires_at = now() - interval '1 day' WHERE id = $1", expired.ID)
	var group sync.WaitGroup
	for i := range 50 {
		session := createSession(t, store, ada, fmt.Sprintf("%02d", i))
		group.Go(func() {
			for range 10 {
				actor, err := store.GetActor(t.Context(), session.ID, ada.ID)
				if err != nil || actor != (domain.Actor{User: ada, SessionID: session.ID}) {
					t.Errorf("got %+v, %v", actor, err)
				}
				for id, user := range map[string]domain.User{session.ID: bob, inactive.ID: bob, expired.ID: ada} {
					_, err = store.GetActor(t.Context(), id, user.ID)
					wantCode(t, err, domain.ErrInvalidToken)
				}
			}
			if _, err := store.RevokeSession(t.Context(), session.ID, domain.RevokedByLogout); err != nil {
				t.Error(err)
			}
			_, err := store.GetActor(t.Context(), session.ID, ada.ID)
			wantCode(t, err, domain.ErrInvalidToken)
		})
	}
	group.Wait()
	if batches.Load() == 0 {
		t.Error("nobody was asked for together")
	}
}

// Whoever looks at the statements of a request finds this one among them, in the log and in its trace.
func TestTheStatementForActorsIsSeen(t *testing.T) {
	t.Parallel()
	type requestKey struct{}
	var mu sync.Mutex
	logged := map[any]bool{}
	log := func(ctx context.Context, _ string, _ time.Duration, _ error) {
		mu.Lock()
		defer mu.Unlock()
		logged[ctx.Value(requestKey{})] = true
	}
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	for name, options := range map[string]pgstore.Options{"logged": {OnQuery: log}, "traced": {Tracing: provider}} {
		databaseURL := pgtest.URL(t)
		user := pgtest.User(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}), pgtest.UserOpts{})
		store := pgtest.NewStore(t, databaseURL, options)
		var group sync.WaitGroup
		for i := range 50 {
			group.Go(func() {
				ctx := context.WithValue(t.Context(), requestKey{}, i)
				if options.Tracing != nil {
					var span trace.Span
					ctx, span = provider.Tracer("").Start(ctx, "request")
					defer span.End()
				}
				_, err := store.GetActor(ctx, noSuchID, user.ID)
				wantCode(t, err, domain.ErrInvalidToken)
			})
		}
		group.Wait()
		requests := map[any]bool{}
		for _, span := range spans.GetSpans() {
			if strings.HasPrefix(span.Name, "GetActor") && span.EndTime.After(span.StartTime) {
				requests[span.SpanContext.TraceID()] = true
			}
		}
		if name == "logged" {
			requests = logged
		}
		if len(requests) != 50 {
			t.Errorf("%s: %d of 50 requests have the statement", name, len(requests))
		}
	}
}

func TestAnActorIsReadInTheTransaction(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	user := pgtest.User(t, store, pgtest.UserOpts{})
	session := createSession(t, store, user, "1")
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		if _, err := tx.RevokeSession(t.Context(), session.ID, domain.RevokedByLogout); err != nil {
			return err
		}
		_, err := tx.GetActor(t.Context(), session.ID, user.ID)
		return err
	})
	wantCode(t, err, domain.ErrInvalidToken)
}
