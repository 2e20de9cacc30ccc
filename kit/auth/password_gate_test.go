package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"example.com/plinth/kit/auth"
)

// saltHook is a random source that calls hook before it returns a salt, which happens inside the
// gate: a hook that blocks prolongs the hash.
type saltHook struct{ hook func() }

func (s *saltHook) Read(b []byte) (int, error) {
	if s.hook != nil {
		s.hook()
	}
	return rand.Read(b)
}

// newHeldHasher returns a hasher whose hashes wait for a value on release.
func newHeldHasher(
	t *testing.T,
	params auth.PasswordParams,
	gate auth.HashingGateOptions,
) (h *auth.PasswordHasher, release chan struct{}) {
	t.Helper()
	source := &saltHook{}
	h = newHasher(t, params, auth.PasswordHasherOptions{Gate: gate, Rand: source})
	release = make(chan struct{})
	source.hook = func() { <-release }
	return h, release
}

// hashAsync starts a hash, and returns the channel of its error once the hash is in the gate or in
// its queue.
func hashAsync(ctx context.Context, h *auth.PasswordHasher) <-chan error {
	result := make(chan error, 1)
	go func() {
		_, err := h.Hash(ctx, "passphrase")
		result <- err
	}()
	synctest.Wait()
	return result
}

func wantStats(t *testing.T, h *auth.PasswordHasher, want auth.HashingStats) {
	t.Helper()
	if got := h.Stats(); got != want {
		t.Errorf("Stats() = %+v, want %+v", got, want)
	}
}

func TestGateDefaults(t *testing.T) {
	t.Parallel()
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{})
	wantStats(t, hasher, auth.HashingStats{Slots: max(1, runtime.GOMAXPROCS(0)/2), QueueSize: 64})
	if hasher.Shed() {
		t.Error("an idle gate is overloaded")
	}
}

func TestGateShedsWhenTheQueueIsFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hasher, release := newHeldHasher(t, cheap(), auth.HashingGateOptions{Slots: 1, QueueSize: 2})
		admitted := []<-chan error{hashAsync(t.Context(), hasher), hashAsync(t.Context(), hasher)}
		if hasher.Shed() {
			t.Error("overloaded with one place left")
		}
		admitted = append(admitted, hashAsync(t.Context(), hasher))
		if !hasher.Shed() {
			t.Error("not overloaded with a full queue")
		}

		refused := hashAsync(t.Context(), hasher)
		select {
		case err := <-refused:
			if !errors.Is(err, auth.ErrOverloaded) {
				t.Errorf("err = %v, want ErrOverloaded", err)
			}
		default:
			t.Fatal("a fourth hash waits in a queue of two")
		}
		wantStats(t, hasher, auth.HashingStats{Slots: 1, InUse: 1, QueueSize: 2, Queued: 2, Shed: 2})

		close(release)
		for _, result := range admitted {
			if err := <-result; err != nil {
				t.Errorf("an admitted hash failed: %v", err)
			}
		}
		wantStats(t, hasher, auth.HashingStats{Slots: 1, QueueSize: 2, Shed: 2})
	})
}

func TestGateBoundsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hasher, release := newHeldHasher(t, cheap(), auth.HashingGateOptions{Slots: 1})
		holder := hashAsync(t.Context(), hasher)
		start := time.Now()
		if err := <-hashAsync(t.Context(), hasher); !errors.Is(err, auth.ErrOverloaded) {
			t.Errorf("err = %v, want ErrOverloaded", err)
		}
		if waited := time.Since(start); waited != 2*time.Second {
			t.Errorf("waited %s, want 2s", waited)
		}
		wantStats(t, hasher, auth.HashingStats{Slots: 1, InUse: 1, QueueSize: 64, Shed: 1})
		close(release)
		if err := <-holder; err != nil {
			t.Error(err)
		}
	})
}

func TestGateIsFirstInFirstOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hasher, release := newHeldHasher(t, cheap(), auth.HashingGateOptions{Slots: 1})
		var order []int // guarded by the gate: one hash at a time, and synctest.Wait between them
		for i := range 5 {
			go func() {
				if _, err := hasher.Hash(t.Context(), "passphrase"); err != nil {
					t.Errorf("hash %d: %v", i, err)
				}
				order = append(order, i)
			}()
			synctest.Wait()
		}
		for range 5 {
			release <- struct{}{}
			synctest.Wait()
		}
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(order, want) {
			t.Errorf("order = %v, want %v", order, want)
		}
	})
}

func TestCanceledRequestKeepsItsSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hasher, release := newHeldHasher(t, cheap(), auth.HashingGateOptions{Slots: 1})
		ctx, cancel := context.WithCancel(t.Context())
		hashing := hashAsync(ctx, hasher)
		next := hashAsync(t.Context(), hasher)
		cancel()
		synctest.Wait()
		wantStats(t, hasher, auth.HashingStats{Slots: 1, InUse: 1, QueueSize: 64, Queued: 1})
		select {
		case err := <-next:
			t.Fatalf("the next hash is done (%v) while the first still runs", err)
		default:
		}
		close(release)
		if err := errors.Join(<-hashing, <-next); err != nil {
			t.Error(err)
		}
		wantStats(t, hasher, auth.HashingStats{Slots: 1, QueueSize: 64})
	})
}

func TestCanceledRequestLeavesTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hasher, release := newHeldHasher(t, cheap(), auth.HashingGateOptions{Slots: 1})
		holder := hashAsync(t.Context(), hasher)
		ctx, cancel := context.WithCancel(t.Context())
		waiting := hashAsync(ctx, hasher)
		cancel()
		if err := <-waiting; !errors.Is(err, context.Canceled) || errors.Is(err, auth.ErrOverloaded) {
			t.Errorf("err = %v, want context.Canceled alone", err)
		}
		wantStats(t, hasher, auth.HashingStats{Slots: 1, InUse: 1, QueueSize: 64})
		close(release)
		if err := <-holder; err != nil {
			t.Error(err)
		}
	})
}

func TestPanicFreesTheSlot(t *testing.T) {
	t.Parallel()
	source := &saltHook{}
	hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{Rand: source, Gate: auth.HashingGateOptions{Slots: 1}})
	source.hook = func() { panic("boom") }
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not reach the caller")
			}
		}()
		_, _ = hasher.Hash(t.Context(), "passphrase")
	}()
	wantStats(t, hasher, auth.HashingStats{Slots: 1, QueueSize: 64})
	source.hook = nil
	mustHash(t, hasher, "passphrase")
}

func TestHashTakesASlotPerLane(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		lanes        uint8
		slots, inUse int
	}{
		"two lanes of three slots": {2, 3, 2},
		"four lanes, two slots":    {4, 2, 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				params := auth.PasswordParams{MemoryKiB: 64, Iterations: 1, Parallelism: test.lanes}
				hasher, release := newHeldHasher(t, params, auth.HashingGateOptions{Slots: test.slots})
				hashing := hashAsync(t.Context(), hasher)
				wantStats(t, hasher, auth.HashingStats{Slots: test.slots, InUse: test.inUse, QueueSize: 64})
				close(release)
				if err := <-hashing; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestWaitedIsCalled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var waits []time.Duration
		source := &saltHook{}
		hasher := newHasher(t, cheap(), auth.PasswordHasherOptions{
			Gate: auth.HashingGateOptions{
				Slots: 1,
			},
			Rand:   source,
			Waited: func(wait time.Duration) { waits = append(waits, wait) },
		})
		source.hook = func() { time.Sleep(300 * time.Millisecond) } // of the bubble's clock
		first := hashAsync(t.Context(), hasher)
		second := hashAsync(t.Context(), hasher)
		for _, done := range []<-chan error{first, second} {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if want := []time.Duration{0, 300 * time.Millisecond}; !slices.Equal(waits, want) {
			t.Errorf("waited %v, want %v", waits, want)
		}
	})
}
