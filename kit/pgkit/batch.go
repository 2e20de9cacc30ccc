package pgkit

import (
	"context"
	"errors"
	"sync"
	"time"
)

// batcher asks one question for many callers at once where they come faster than the server answers. Who comes while no
// statement is on its way asks alone, without a delay and in their own name. Who comes while one is waits for it to
// return; then those who have gathered are asked for together. So the busier the service, the more callers share the cost
// of a statement, and all of them together need one connection.
//
// A statement is sent after everybody it asks for has come: each sees all that was committed before.
type batcher[K comparable, V any] struct {
	alone func(context.Context, K) (V, error)
	// together returns the answers for those keys that there are.
	together func(context.Context, []K) (map[K]V, error)
	// missing is the error for the other keys.
	missing error
	// onWait, if set, is told of each caller who waits, and then calls what it returned.
	onWait func(context.Context) (waited func())

	mu      sync.Mutex
	running int       // statements on their way, usually at most one
	started time.Time // the last of them
	waiting []*question[K, V]
}

const (
	// batchSize is how many a statement may ask for. Others wait for the next.
	batchSize = 64
	// batchPatience is how long a statement may take before others no longer wait for it: its connection may be dead.
	batchPatience = 10 * time.Millisecond
)

// question is a caller who waits.
type question[K comparable, V any] struct {
	key    K
	answer chan answer[V] // has room for it, since the caller may be gone
}

type answer[V any] struct {
	value V
	err   error // what the caller gets, or errAskAlone
}

// errAskAlone says that a statement for many failed. Each of them repeats it alone, so that nobody gets an error that was
// another one's.
var errAskAlone = errors.New("ask alone")

// get returns the answer for a key. Its errors are those of alone, missing, and the context's.
func (b *batcher[K, V]) get(ctx context.Context, key K) (V, error) {
	q := b.enter(key)
	if q == nil {
		defer b.leave()
		return b.alone(ctx, key)
	}
	if b.onWait != nil {
		defer b.onWait(ctx)()
	}
	select {
	case a := <-q.answer:
		if errors.Is(a.err, errAskAlone) {
			return b.alone(ctx, key)
		}
		return a.value, a.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// enter returns nil if the caller is to ask alone, and call leave.
func (b *batcher[K, V]) enter(key K) *question[K, V] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running == 0 {
		b.running, b.started = 1, time.Now()
		return nil
	}
	q := &question[K, V]{key, make(chan answer[V], 1)}
	b.waiting = append(b.waiting, q)
	if time.Since(b.started) > batchPatience {
		b.start()
	}
	return q
}

// leave comes after every statement.
func (b *batcher[K, V]) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
	if len(b.waiting) > 0 {
		b.start()
	}
}

// start asks for those who wait. The caller has the lock.
func (b *batcher[K, V]) start() {
	n := min(len(b.waiting), batchSize)
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	b.running, b.started = b.running+1, time.Now()
	go b.ask(batch)
}

func (b *batcher[K, V]) ask(batch []*question[K, V]) {
	defer b.leave()
	keys := make([]K, len(batch))
	for i, q := range batch {
		keys[i] = q.key
	}
	found, err := b.find(keys)
	for _, q := range batch {
		a := answer[V]{err: err}
		if value, ok := found[q.key]; ok {
			a.value = value
		} else if err == nil {
			a.err = b.missing
		}
		q.answer <- a
	}
}

// find asks together. There is no one request to be cancelled with, so time alone bounds it. A panic would end the process
// here; asked alone, it is that of a request.
func (b *batcher[K, V]) find(keys []K) (found map[K]V, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), statementTimeout)
	defer cancel()
	defer func() {
		if recover() != nil {
			found, err = nil, errAskAlone
		}
	}()
	if found, err = b.together(ctx, keys); err != nil {
		return nil, errAskAlone
	}
	return found, nil
}
