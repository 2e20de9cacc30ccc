package pgkit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/plinth/kit/pgkit"
)

var errMissing, errBroken = errors.New("missing"), errors.New("broken")

// oracle looks up the number in each key. Each query returns when the test lets it.
type oracle struct {
	get func(context.Context, string) (int, error)

	mu    sync.Mutex
	alone []string
	calls [][]string
	held  chan struct{} // each receive lets one query return
	fail  func()        // of batches; may panic
}

func newOracle() *oracle {
	o := &oracle{held: make(chan struct{})}
	o.get = pgkit.NewBatcher(pgkit.Batch[string, int]{One: o.askAlone, Many: o.askTogether, Missing: errMissing}).Get
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

// reply is the result of a caller, and its duration.
type reply struct {
	value int
	err   error
	after time.Duration
}

// ask calls get in the background, and returns once all goroutines block.
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

func TestBatcherLooksUpAloneWithoutOtherCallers(t *testing.T) {
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

func TestBatcherBatchesConcurrentCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracle()
		first := o.ask(t.Context(), "1")
		second, third, missing := o.ask(t.Context(), "2"), o.ask(t.Context(), "3"), o.ask(t.Context(), "missing")
		o.want(t, "[1]")
		o.letReturn(1)
		wantReply(t, first, 1, nil, 0)
		o.want(t, "[1]", "[2 3 missing]")
		// The running query may have read its snapshot before this call.
		again := o.ask(t.Context(), "2")
		o.letReturn(1)
		wantReply(t, second, 2, nil, 0)
		wantReply(t, third, 3, nil, 0)
		wantReply(t, missing, 0, errMissing, 0)
		o.letReturn(1)
		wantReply(t, again, 2, nil, 0)
		o.want(t, "[1]", "[2 3 missing]", "[2]")
		// Idle again.
		o.ask(t.Context(), "4")
		o.letReturn(1)
		o.want(t, "[1 4]", "[2 3 missing]", "[2]")
	})
}

func TestBatchSizeIsLimited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOracle()
		o.ask(t.Context(), "0")
		var replies []<-chan reply
		for i := range pgkit.BatchSize + 2 {
			replies = append(replies, o.ask(t.Context(), strconv.Itoa(i)))
		}
		o.letReturn(3)
		for i, got := range replies {
			wantReply(t, got, i, nil, 0)
		}
		if sizes := []int{len(o.calls[0]), len(o.calls[1])}; !slices.Equal(sizes, []int{pgkit.BatchSize, 2}) {
			t.Errorf("asked for %v at a time", sizes)
		}
	})
}

// The error of a batch may belong to one of its keys.
func TestFailedBatchIsRetriedOneByOne(t *testing.T) {
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

func TestCallerOfBatcherMayGiveUp(t *testing.T) {
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

// A query that hangs, because its connection is dead, delays only the callers right after it,
// until the next caller.
func TestBatcherDoesNotWaitForSlowQuery(t *testing.T) {
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

func TestBatchHasATimeout(t *testing.T) {
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
