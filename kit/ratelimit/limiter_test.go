package ratelimit_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"example.com/plinth/kit/ratelimit"
)

// reports collects the callbacks of a Limiter.
type reports struct {
	changes   []error
	fallbacks int
}

func newLimiter(t *testing.T, url string, clock *clock, timeout time.Duration) (*ratelimit.Limiter, *reports) {
	t.Helper()
	redis, err := ratelimit.OpenRedis(url, ratelimit.RedisOptions{Prefix: "test:", Timeout: timeout})
	must(t, err)
	told := &reports{}
	limiter := ratelimit.New(clock.Now, ratelimit.Options{
		Redis:      redis,
		OnChange:   func(_ context.Context, err error) { told.changes = append(told.changes, err) },
		OnFallback: func() { told.fallbacks++ },
	})
	t.Cleanup(func() { _ = limiter.Close() })
	return limiter, told
}

// want checks the number of fallbacks, and the calls of OnChange: true for an answer of Redis,
// false for a failure.
func (n *reports) want(t *testing.T, fallbacks int, answers ...bool) {
	t.Helper()
	var got []bool
	for _, err := range n.changes {
		got = append(got, err == nil)
	}
	if n.fallbacks != fallbacks || !slices.Equal(got, answers) {
		t.Errorf("%d fallbacks and changes %v, want %d and %v", n.fallbacks, got, fallbacks, answers)
	}
}

func TestReplicasShareRedis(t *testing.T) {
	t.Parallel()
	url := "redis://" + miniredis.RunT(t).Addr()
	clock, rate := newClock(), ratelimit.Rate{Requests: 4, Window: time.Hour}
	one, told := newLimiter(t, url, clock, time.Minute)
	other, _ := newLimiter(t, url, clock, time.Minute)
	for range 2 {
		one.Take(t.Context(), account("a"), rate)
		other.Take(t.Context(), account("a"), rate)
	}
	if one.Take(t.Context(), account("a"), rate).Allowed || other.Take(t.Context(), account("a"), rate).Allowed {
		t.Error("the replicas count separately")
	}
	told.want(t, 0)
}

func TestRedisKeysExpire(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	server.SetTime(newClock().Now())
	limiter, _ := newLimiter(t, "redis://"+server.Addr(), newClock(), time.Minute)
	limiter.Take(t.Context(), account("a"), minutely)
	limiter.Take(t.Context(), account("a"), minutely)
	if keys := server.Keys(); len(keys) != 1 || keys[0] != "test:read:account:a" ||
		server.TTL(keys[0]) != 2*time.Minute {
		t.Errorf("the keys are %q, the first lives %v", keys, server.TTL(keys[0]))
	}
}

func TestLimiterWithoutRedis(t *testing.T) {
	t.Parallel()
	limiter := ratelimit.New(newClock().Now, ratelimit.Options{})
	once := ratelimit.Rate{Requests: 1, Window: time.Hour}
	if !limiter.Take(t.Context(), account("a"), once).Allowed || limiter.Take(t.Context(), account("a"), once).Allowed {
		t.Error("it does not limit")
	}
	must(t, limiter.Close())
}

func TestLimiterFallsBackWhileRedisIsDown(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	clock := newClock()
	limiter, told := newLimiter(t, "redis://"+server.Addr(), clock, time.Minute)
	rate := ratelimit.Rate{Requests: 3, Window: time.Hour}
	take := func() ratelimit.Decision { return limiter.Take(t.Context(), account("a"), rate) }
	for range 3 {
		take()
	}

	server.Close()
	for left := 2; left >= 0; left-- { // the process starts with a full quota
		if got := take(); !got.Allowed || got.Remaining != left {
			t.Fatalf("without Redis: %+v, want %d left", got, left)
		}
	}
	if got := take(); got.Allowed {
		t.Error("no limit without Redis")
	}
	told.want(t, 4, false)

	must(t, server.Restart())
	take()
	told.want(t, 5, false) // the pause is not over
	clock.advance(time.Second)
	if got := take(); got.Allowed { // Redis still has its count
		t.Errorf("with Redis again: %+v", got)
	}
	told.want(t, 5, false, true)
}

func TestOneRequestPerPauseTriesRedis(t *testing.T) {
	t.Parallel()
	clock := newClock()
	address, accepted := silentServer(t)
	limiter, told := newLimiter(t, "redis://"+address, clock, 0)
	for range 3 {
		started := time.Now()
		for range 100 {
			limiter.Take(t.Context(), account("a"), minutely)
		}
		// 100 timeouts would take more than 7 s, one takes less than 0.1 s.
		if took := time.Since(started); took > 3*time.Second {
			t.Errorf("100 requests took %v", took)
		}
		<-accepted
		clock.advance(time.Second)
	}
	if len(accepted) > 0 {
		t.Errorf("%d connections more than one per pause", len(accepted))
	}
	told.want(t, 300, false)
}

// silentServer accepts connections and never sends anything.
func silentServer(t *testing.T) (address string, accepted <-chan net.Conn) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	conns := make(chan net.Conn, 1000)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns <- conn
		}
	}()
	return listener.Addr().String(), conns
}

func TestCancellationIsNoFailureOfRedis(t *testing.T) {
	t.Parallel()
	limiter, told := newLimiter(t, "redis://"+miniredis.RunT(t).Addr(), newClock(), time.Minute)
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	limiter.Take(gone, account("a"), minutely)
	told.want(t, 0)
}

func TestOpenRedisRejectsURLs(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "http://localhost", "redis://:hunter2@localhost:6379/none", "redis://:hunter2@localhost:6379/0?unknown=1",
		"redis://:hunter2@local host:6379",
	} {
		_, err := ratelimit.OpenRedis(url, ratelimit.RedisOptions{})
		if !errors.Is(err, ratelimit.ErrRedisURL) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", url, err)
		}
	}
}

func TestProcessEvictsKeys(t *testing.T) {
	t.Parallel()
	process := ratelimit.NewProcess(newClock().Now)
	for i := range 2 * ratelimit.MaxKeys {
		process.Take(account(strconv.Itoa(i)), minutely)
	}
	if process.Len() > ratelimit.MaxKeys || process.Len() < ratelimit.MaxKeys/2 {
		t.Errorf("%d keys, want at most %d", process.Len(), ratelimit.MaxKeys)
	}
}

//nolint:paralleltest // allocations are counted for the whole process
func TestTakeAllocatesNothing(t *testing.T) {
	limiter := ratelimit.New(time.Now, ratelimit.Options{})
	for _, key := range []ratelimit.Key{account("01JD8Z5V3K4N6P7Q8R9S0T1V2W"), network("192.0.2.1/32"), network("2001:db8::/64")} {
		ctx := t.Context()
		if n := testing.AllocsPerRun(100, func() { limiter.Take(ctx, key, minutely) }); n > 0 {
			t.Errorf("%v: %v allocations", key, n)
		}
	}
}

func BenchmarkTake(b *testing.B) {
	limiter := ratelimit.New(time.Now, ratelimit.Options{})
	key := account("01JD8Z5V3K4N6P7Q8R9S0T1V2W")
	ctx := b.Context()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			limiter.Take(ctx, key, minutely)
		}
	})
}
