package ratelimit_test

import (
	"bufio"
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"example.com/plinth/kit/ratelimit"
)

// counter is an implementation under test, with a clock that the test moves.
type counter struct {
	take    func(ratelimit.Key, ratelimit.Rate) (ratelimit.Decision, error)
	advance func(time.Duration)
	// exact is false if time also passes by itself.
	exact bool
}

func (c counter) mustTake(t *testing.T, key ratelimit.Key, rate ratelimit.Rate) ratelimit.Decision {
	t.Helper()
	decision, err := c.take(key, rate)
	must(t, err)
	return decision
}

// counters returns all implementations. Without a redis-server on the machine its part is left out,
// except in CI.
func counters(t *testing.T) map[string]func(*testing.T) counter {
	t.Helper()
	all := map[string]func(*testing.T) counter{"process": inProcess, "miniredis": inMiniredis}
	if _, err := exec.LookPath("redis-server"); err == nil {
		all["redis"] = inRedis
	} else if os.Getenv("CI") != "" {
		t.Error("redis-server is not installed, and this is CI")
	} else {
		t.Log("redis-server is not installed: CI tests it")
	}
	return all
}

// clock is a clock that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func inProcess(*testing.T) counter {
	clock := newClock()
	process := ratelimit.NewProcess(clock.Now)
	return counter{
		exact:   true,
		advance: clock.advance,
		take: func(key ratelimit.Key, rate ratelimit.Rate) (ratelimit.Decision, error) {
			return process.Take(key, rate), nil
		},
	}
}

func inMiniredis(t *testing.T) counter {
	t.Helper()
	server := miniredis.RunT(t)
	now := newClock().Now()
	server.SetTime(now)
	return counter{
		exact: true,
		take:  taker(t, "redis://"+server.Addr()),
		advance: func(d time.Duration) {
			now = now.Add(d)
			server.SetTime(now)
			server.FastForward(d)
		},
	}
}

func inRedis(t *testing.T) counter {
	t.Helper()
	url := startRedis(t)
	options, err := redis.ParseURL(url)
	must(t, err)
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	// The clock of a real server cannot be moved, but the times that it stores can.
	const rewind = `
		for _, key in ipairs(redis.call('KEYS', '*')) do
			redis.call('SET', key, string.format('%.0f', redis.call('GET', key) - ARGV[1]), 'KEEPTTL')
		end`
	return counter{take: taker(t, url), advance: func(d time.Duration) {
		t.Helper()
		if err := client.Eval(
			t.Context(),
			rewind,
			nil,
			d.Microseconds(),
		).Err(); err != nil &&
			!errors.Is(err, redis.Nil) {
			t.Fatal(err)
		}
	}}
}

func taker(t *testing.T, url string) func(ratelimit.Key, ratelimit.Rate) (ratelimit.Decision, error) {
	t.Helper()
	counting := openRedis(t, url)
	ctx := t.Context()
	return func(key ratelimit.Key, rate ratelimit.Rate) (ratelimit.Decision, error) {
		return counting.Take(ctx, key, rate)
	}
}

func openRedis(t *testing.T, url string) *ratelimit.Redis {
	t.Helper()
	opened, err := ratelimit.OpenRedis(url, ratelimit.RedisOptions{Prefix: "test:", Timeout: time.Minute})
	must(t, err)
	t.Cleanup(func() { _ = opened.Close() })
	return opened
}

// startRedis starts a real server for the test and returns its URL.
func startRedis(t *testing.T) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "redis")
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	cmd := exec.CommandContext(
		ctx,
		"redis-server",
		"--port",
		"0",
		"--unixsocket",
		socket,
		"--save",
		"",
		"--dir",
		t.TempDir(),
	)
	output, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // killed
	})
	var said strings.Builder
	for lines := bufio.NewScanner(output); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "accept connections") {
			go drain(lines)
			return "unix://" + socket
		}
	}
	t.Fatalf("redis-server does not start:\n%s", &said)
	return ""
}

func drain(lines *bufio.Scanner) {
	for lines.Scan() { // so that the server never blocks on its output
		continue
	}
}

func account(id string) ratelimit.Key { return ratelimit.Key{Class: "read", Account: id} }

func network(prefix string) ratelimit.Key {
	return ratelimit.Key{Class: "read", Network: netip.MustParsePrefix(prefix)}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
