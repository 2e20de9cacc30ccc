package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// ErrOverloaded means that no hashing slot was free in time. Respond 503 with Retry-After.
var ErrOverloaded = errors.New("password hashing is overloaded")

const (
	defaultQueueSize = 64
	defaultMaxWait   = 2 * time.Second
)

// HashingGateOptions bound the hashing of a process; the zero value is right for production.
type HashingGateOptions struct {
	// Slots is the number of concurrent hashes; 0 means half of GOMAXPROCS, at least one. With
	// more, a login flood starves other requests of processor time.
	Slots int
	// QueueSize is the number of hashes that may wait for a slot; 0 means 64, some two seconds of
	// hashing.
	QueueSize int
	// MaxWait is the maximum wait for a slot; 0 means two seconds.
	MaxWait time.Duration
}

// HashingStats are the state of the hashing gate.
type HashingStats struct {
	Slots     int    // hashes that may run at once
	InUse     int    // slots taken
	QueueSize int    // callers that may wait
	Queued    int    // callers that wait
	Shed      uint64 // callers rejected with ErrOverloaded since the start
}

// hashingGate admits hashes in the order of arrival. The goroutine that enters computes the hash. A
// hash cannot be interrupted, so its slot stays taken until it is done, even if the request is
// canceled.
type hashingGate struct {
	slots     *semaphore.Weighted // first in, first out
	size      int64
	queueSize int64
	maxWait   time.Duration
	waited    func(time.Duration) // may be nil

	inUse  atomic.Int64
	queued atomic.Int64
	shed   atomic.Uint64
}

func newHashingGate(opts HashingGateOptions, waited func(time.Duration)) (*hashingGate, error) {
	if opts.Slots < 0 || opts.QueueSize < 0 || opts.MaxWait < 0 {
		return nil, errors.New("slots, queue size and wait must not be negative")
	}
	g := &hashingGate{
		size: int64(opts.Slots), queueSize: int64(opts.QueueSize), maxWait: opts.MaxWait, waited: waited,
	}
	if g.size == 0 {
		g.size = int64(max(1, runtime.GOMAXPROCS(0)/2))
	}
	if g.queueSize == 0 {
		g.queueSize = defaultQueueSize
	}
	if g.maxWait == 0 {
		g.maxWait = defaultMaxWait
	}
	g.slots = semaphore.NewWeighted(g.size)
	return g, nil
}

// enter waits for as many slots as the hash has lanes, or for all slots. The caller must call
// leave, also on a panic. Errors are ErrOverloaded, and the context's if it ends first.
func (g *hashingGate) enter(ctx context.Context, lanes uint8) (leave func(), err error) {
	weight := min(int64(lanes), g.size)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("waiting for a hashing slot: %w", err)
	}
	started := time.Now()
	// TryAcquire fails while others wait, so the order is kept.
	if !g.slots.TryAcquire(weight) {
		if err := g.wait(ctx, weight); err != nil {
			return nil, err
		}
	}
	if g.waited != nil {
		g.waited(time.Since(started))
	}
	g.inUse.Add(weight)
	return func() {
		g.inUse.Add(-weight)
		g.slots.Release(weight)
	}, nil
}

func (g *hashingGate) wait(ctx context.Context, weight int64) error {
	defer g.queued.Add(-1)
	if g.queued.Add(1) > g.queueSize {
		g.shed.Add(1)
		return ErrOverloaded
	}
	waiting, cancel := context.WithTimeout(ctx, g.maxWait)
	defer cancel()
	if err := g.slots.Acquire(waiting, weight); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("waiting for a hashing slot: %w", ctx.Err())
		}
		g.shed.Add(1)
		return ErrOverloaded
	}
	return nil
}

// shedEarly reports whether the queue is full, and then counts a rejection.
func (g *hashingGate) shedEarly() bool {
	full := g.queued.Load() >= g.queueSize
	if full {
		g.shed.Add(1)
	}
	return full
}

func (g *hashingGate) stats() HashingStats {
	return HashingStats{
		Slots:     int(g.size),
		InUse:     int(g.inUse.Load()),
		QueueSize: int(g.queueSize),
		Queued:    int(min(g.queued.Load(), g.queueSize)),
		Shed:      g.shed.Load(),
	}
}
