//go:build faults

package faults_test

import (
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

const (
	redisLost  = "redis does not answer"
	redisFound = "redis answers again"
)

// The read limit of an account in these tests; no request is refunded during a test.
const readsAllowed, readsSent = 50, 60

// Without Redis each replica enforces the limits on its own, without 500s and with little delay.
func TestRedisOutage(t *testing.T) {
	row := report(t, "Redis killed, restarted, hung (SIGSTOP), resumed")
	databaseURL, port := pgtest.URL(t), freePort(t)
	redis := startRedis(t, port)
	opts := replicaOpts{databaseURL: databaseURL, changes: map[string]string{
		"RATE_LIMIT_ENABLED": "true", "REDIS_URL": "redis://127.0.0.1:" + port,
		"RATE_LIMIT_READ": strconv.Itoa(readsAllowed) + "/24h", "RATE_LIMIT_DISCLOSING": "1000/1m",
	}}
	replicas := []*replica{start(t, opts), start(t, opts)}

	wantSharedLimit(t, row, replicas)
	redis.kill()
	dead := wantReplicaLimits(t, row, replicas)
	redis = startRedis(t, port)
	wantSharedLimit(t, row, replicas)

	must(t, redis.cmd.Process.Signal(syscall.SIGSTOP))
	hung := wantReplicaLimits(t, row, replicas)
	must(t, redis.cmd.Process.Signal(syscall.SIGCONT))
	wantSharedLimit(t, row, replicas)

	// The timeout is a tenth of a second; the rest is for a busy machine.
	if worst := max(dead.took, hung.took); worst > time.Second {
		t.Errorf("the slowest response took %s", worst)
	}
	row.saw("%d reads shared by two replicas with Redis, %d each without, no 500; "+
		"slowest response %d ms dead, %d ms hung",
		readsAllowed, readsAllowed, dead.took.Milliseconds(), hung.took.Milliseconds())
	for _, r := range replicas {
		r.stop(t)
	}
}

func startRedis(t *testing.T, port string) *process {
	t.Helper()
	p := spawn(t, processOpts{}, programs["redis-server"],
		"--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder(t))
	p.await(t, "Ready to accept connections")
	return p
}

// wantSharedLimit reads a new account at all replicas in turn and checks that they share its limit.
// On a busy machine a replica may lose Redis meanwhile; then it retries with another account.
func wantSharedLimit(t *testing.T, row *row, replicas []*replica) {
	t.Helper()
	for range 20 {
		awaitRedis(t, row, replicas)
		before := changes(replicas)
		s := newSession(t, newCaller(replicas[0].url, &row.count))
		served := 0
		for i := range readsSent {
			if read(t, row, replicas[i%len(replicas)], s).status == http.StatusOK {
				served++
			}
		}
		if changes(replicas) != before {
			continue
		}
		if served != readsAllowed {
			t.Errorf("all replicas together served %d reads of one account, want %d", served, readsAllowed)
		}
		return
	}
	t.Error("Redis timed out in every attempt: this machine is too busy")
}

// wantReplicaLimits reads a new account at each replica and checks that each enforces the limit on
// its own.
func wantReplicaLimits(t *testing.T, row *row, replicas []*replica) *slowest {
	t.Helper()
	var last slowest
	for _, r := range replicas {
		begin := time.Now()
		s := newSession(t, newCaller(r.url, &row.count)) // the first request detects the outage
		last.add(answer{took: time.Since(begin)})
		served := 0
		for range readsSent {
			a := read(t, row, r, s)
			last.add(a)
			if a.status == http.StatusOK {
				served++
			}
		}
		if served != readsAllowed {
			t.Errorf("one replica served %d reads of one account, want %d", served, readsAllowed)
		}
		r.await(t, redisLost)
	}
	return &last
}

func read(t *testing.T, row *row, r *replica, s *session) answer {
	t.Helper()
	return s.me(t.Context(), newCaller(r.url, &row.count), http.StatusOK, http.StatusTooManyRequests)
}

// awaitRedis sends requests until each replica has reconnected to Redis.
func awaitRedis(t *testing.T, row *row, replicas []*replica) {
	t.Helper()
	for _, r := range replicas {
		for begin := time.Now(); strings.LastIndex(r.output.String(), redisFound) < strings.LastIndex(r.output.String(), redisLost); {
			if time.Since(begin) > patience {
				t.Fatalf("the replica does not reconnect to Redis:\n%s", tail(r.output.String()))
			}
			newSession(t, newCaller(r.url, &row.count))
			during(t, 50*time.Millisecond)
		}
	}
}

// changes counts how often the replicas lost or found Redis.
func changes(replicas []*replica) int {
	n := 0
	for _, r := range replicas {
		n += strings.Count(r.output.String(), redisLost) + strings.Count(r.output.String(), redisFound)
	}
	return n
}
