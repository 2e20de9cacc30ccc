//go:build faults

package faults_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

// TestHostileClients sends the most expensive requests from many addresses, within the memory limit
// of deploy/kubernetes, beside one ordinary client. At first it sends at full rate, which uses all
// processors and shows that memory is bounded; then at a limited rate, which shows that other
// clients are served.
func TestHostileClients(t *testing.T) {
	const (
		memoryKB, clients, idle = 256 << 10, 64, 4000
		quiet, flood, attack    = 5 * time.Second, 5 * time.Second, 20 * time.Second
		pace                    = 200 * time.Millisecond // between requests of a hostile client
	)
	row := report(t, "64 clients with expensive bodies, queries and heads, 4,000 idle connections, 256 MiB")
	r := start(t, replicaOpts{databaseURL: pgtest.URL(t), changes: map[string]string{
		"GOMEMLIMIT": "220MiB", "TRUSTED_PROXIES": "127.0.0.1", "RATE_LIMIT_ENABLED": "true",
		"RATE_LIMIT_READ": "1000000/1s",
	}})
	polite := newSession(t, newCaller(r.url, &row.count))
	alone := latency(t, r, polite, &row.count, quiet)

	ctx, cancel := context.WithTimeout(t.Context(), flood+attack)
	defer cancel()
	var attackers sync.WaitGroup
	answers := &statuses{}
	for i := range clients {
		attackers.Go(func() { answers.attack(ctx, r, i, flood, pace) })
	}
	attackers.Go(func() { holdIdle(ctx, r, idle) })
	flooded := latency(t, r, polite, &row.count, flood)
	beside := latency(t, r, polite, &row.count, attack-time.Second) // the last second is for requests in flight
	attackers.Wait()

	peak := peakKB(t, r)
	row.saw("%s; peak %d MiB; p99 of an ordinary client %.1f ms, %.1f ms without them, %.1f ms at full rate",
		answers, peak>>10, milliseconds(beside), milliseconds(alone), milliseconds(flooded))
	if peak > memoryKB {
		t.Errorf("the server used %d KiB, limit %d", peak, memoryKB)
	}
	if wrong := answers.wrong(); wrong != "" {
		t.Errorf("wrong responses: %s", wrong)
	}
	if beside > max(5*alone, 250*time.Millisecond) { // a busy machine makes both slow, at different times
		t.Errorf("p99 of an ordinary client is %s, %s without the others", beside, alone)
	}
	r.awaitStatus(t, readyPath, http.StatusOK)
	r.stop(t)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// latency returns the 99th percentile of requests for an account, over one connection, fifty per
// second.
func latency(t *testing.T, r *replica, s *session, count *tally, d time.Duration) time.Duration {
	t.Helper()
	c := newCaller(r.url, count)
	c.client = &http.Client{Timeout: 30 * time.Second}
	defer c.client.CloseIdleConnections()
	var took []time.Duration
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for begin := time.Now(); time.Since(begin) < d; <-ticker.C {
		took = append(took, c.call(t.Context(), http.MethodGet, mePath, s.access, "", http.StatusOK).took)
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// statuses counts responses to hostile requests; 0 is a connection that ended without one, because
// the server responded and closed before the client had sent everything.
type statuses struct {
	mu    sync.Mutex
	count map[int]int
}

func (s *statuses) add(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == nil {
		s.count = map[int]int{}
	}
	s.count[status]++
}

func (s *statuses) String() string {
	var parts []string
	for status, n := range s.count {
		parts = append(parts, fmt.Sprintf("%d × %d", n, status))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// wrong lists responses that are neither 4xx nor 503.
func (s *statuses) wrong() string {
	var parts []string
	for status, n := range s.count {
		if status != 0 && status != http.StatusServiceUnavailable && (status < 400 || status >= 500) {
			parts = append(parts, fmt.Sprintf("%d × %d", n, status))
		}
	}
	return strings.Join(parts, ", ")
}

// attack sends requests sequentially, each from another address, at full rate for the time flood,
// then one per pace, until ctx ends.
func (s *statuses) attack(ctx context.Context, r *replica, client int, flood, pace time.Duration) {
	messages := hostileMessages()
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for i, begin := client, time.Now(); ctx.Err() == nil; i++ {
		if time.Since(begin) > flood {
			<-ticker.C
		}
		from := fmt.Sprintf("X-Forwarded-For: 198.18.%d.%d\r\n", i%250, client)
		message := bytes.Replace(messages[i%len(messages)], []byte("X-Here: \r\n"), []byte(from), 1)
		status, err := exchange(ctx, r, message)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			status = 0
		}
		s.add(status)
	}
}

func exchange(ctx context.Context, r *replica, message []byte) (status int, err error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		return 0, err
	}
	defer c.Close() //nolint:errcheck // read only
	_ = c.SetDeadline(time.Now().Add(patience))
	_, _ = c.Write(message) // the server may reject it before reading all of it
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return 0, err
	}
	_, text, _ := strings.Cut(line, " ")
	return strconv.Atoi(text[:min(3, len(text))])
}

func hostileMessages() [][]byte {
	const head, body = 31 << 10, 64 << 10
	many := func(format string, size int) string {
		var b strings.Builder
		for i := 0; b.Len() < size-20; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return strings.Trim(b.String(), ",&")
	}
	get := func(target, headers string) string {
		return "GET " + target + " HTTP/1.1\r\nHost: x\r\nX-Here: \r\nConnection: close\r\n" + headers + "\r\n"
	}
	post := func(text string) string {
		return "POST " + loginPath + " HTTP/1.1\r\nHost: x\r\nX-Here: \r\nConnection: close\r\nContent-Type: application/json\r\n" +
			fmt.Sprintf("Content-Length: %d\r\n\r\n", len(text)) + text
	}
	var messages [][]byte
	for _, message := range []string{
		post("{" + many(`"%x":0,`, body) + "}"),
		post(`{"password":"x","email":[` + many(`"\u0000%x",`, body-40) + "]}"),
		post(`{"email":"a@example.com","password":"` + strings.Repeat(`\u0041`, body/6-20) + `"}`),
		get("/health?"+many("%x&", head), ""),
		get("/health?"+strings.Repeat("%61", head/3), ""),
		get("/nowhere", many("%x:\r\n", head)),
		get("/nowhere", "X-Forwarded-For: "+strings.Repeat(",", head-100)+"\r\n"),
		get("/"+strings.Repeat("%3C", head/3), ""),
	} {
		messages = append(messages, []byte(message))
	}
	return messages
}

// holdIdle opens connections that send nothing and closes them when ctx ends.
func holdIdle(ctx context.Context, r *replica, n int) {
	var idle []net.Conn
	for range n {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(r.url, "http://"))
		if err != nil {
			break
		}
		idle = append(idle, c)
	}
	<-ctx.Done()
	for _, c := range idle {
		_ = c.Close() // best effort
	}
}

// peakKB returns the peak resident memory of a process.
func peakKB(t *testing.T, r *replica) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	must(t, err)
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			must(t, err)
			return kb
		}
	}
	t.Skip("/proc/PID/status has no VmHWM")
	return 0
}
