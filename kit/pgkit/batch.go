package pgkit

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Batch configures a [Batcher]. One, Many and Missing are required.
type Batch[K comparable, V any] struct {
	// One looks up one key.
	One func(context.Context, K) (V, error)
	// Many looks up keys and returns the values that exist.
	Many func(context.Context, []K) (map[K]V, error)
	// Missing is the error for keys that Many does not return.
	Missing error
	// OnWait, if set, is called by each caller that waits for a batch. It returns a function to
	// call after the wait.
	OnWait func(context.Context) (waited func())
}

// Batcher batches concurrent lookups into one query. A caller that comes while no query runs looks
// up its key alone, without delay. Callers that come meanwhile wait for that query to return, and
// then share one query and one connection. The busier the service, the larger the batches.
//
// A query starts after all its callers have come, so each sees what was committed before its call.
type Batcher[K comparable, V any] struct {
	batch Batch[K, V]

	mu      sync.Mutex
	running int       // queries, usually at most one
	started time.Time // the last of them
	waiting []*lookup[K, V]
}

const (
	// batchSize is the maximum number of keys of a query. Others wait for the next.
	batchSize = 64
	// batchPatience is how long a query may take before new callers start another one: its
	// connection may be dead.
	batchPatience = 10 * time.Millisecond
)

// lookup is a waiting caller.
type lookup[K comparable, V any] struct {
	key    K
	answer chan answer[V] // buffered, because the caller may be gone
}

type answer[V any] struct {
	value V
	err   error // for the caller, or errRetryAlone
}

// errRetryAlone means that a batch failed. Each caller retries alone, because the error may belong
// to another key.
var errRetryAlone = errors.New("retry alone")

// NewBatcher returns a Batcher.
func NewBatcher[K comparable, V any](batch Batch[K, V]) *Batcher[K, V] {
	return &Batcher[K, V]{batch: batch}
}

// Get returns the value of a key. It fails with the errors of Batch.One, Batch.Missing, and that
// of ctx.
func (b *Batcher[K, V]) Get(ctx context.Context, key K) (V, error) {
	l := b.enter(key)
	if l == nil {
		defer b.leave()
		return b.batch.One(ctx, key)
	}
	if b.batch.OnWait != nil {
		defer b.batch.OnWait(ctx)()
	}
	select {
	case a := <-l.answer:
		if errors.Is(a.err, errRetryAlone) {
			return b.batch.One(ctx, key)
		}
		return a.value, a.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// enter returns nil if the caller has to look up its key alone, and then call leave.
func (b *Batcher[K, V]) enter(key K) *lookup[K, V] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.running == 0 {
		b.running, b.started = 1, time.Now()
		return nil
	}
	l := &lookup[K, V]{key, make(chan answer[V], 1)}
	b.waiting = append(b.waiting, l)
	if time.Since(b.started) > batchPatience {
		b.start()
	}
	return l
}

// leave follows each query.
func (b *Batcher[K, V]) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running--
	if len(b.waiting) > 0 {
		b.start()
	}
}

// start starts a query for waiting callers. b.mu must be locked.
func (b *Batcher[K, V]) start() {
	n := min(len(b.waiting), batchSize)
	batch := b.waiting[:n:n]
	b.waiting = b.waiting[n:]
	b.running, b.started = b.running+1, time.Now()
	go b.run(batch)
}

func (b *Batcher[K, V]) run(batch []*lookup[K, V]) {
	defer b.leave()
	keys := make([]K, len(batch))
	for i, l := range batch {
		keys[i] = l.key
	}
	found, err := b.find(keys)
	for _, l := range batch {
		a := answer[V]{err: err}
		if value, ok := found[l.key]; ok {
			a.value = value
		} else if err == nil {
			a.err = b.batch.Missing
		}
		l.answer <- a
	}
}

// find looks up a batch. It belongs to no single request, so only a timeout bounds it. A panic here
// would end the process; the retry alone panics in its request.
func (b *Batcher[K, V]) find(keys []K) (found map[K]V, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), statementTimeout)
	defer cancel()
	defer func() {
		if recover() != nil {
			found, err = nil, errRetryAlone
		}
	}()
	if found, err = b.batch.Many(ctx, keys); err != nil {
		return nil, errRetryAlone
	}
	return found, nil
}
