package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"example.com/plinth/lab/bench/load"
)

const (
	floodClients = 64
	steadyRate   = 300       // GET /users/me per second beside the flood
	hashMemory   = 19456_000 // bytes of one argon2id hash with the default parameters, rounded up
)

// measureFlood measures the latency of authenticated requests during a flood of logins.
func measureFlood(ctx context.Context, l *lab) (rows []row, err error) {
	// Limits per address would stop the flood, so it comes from many addresses and reaches the
	// hashing gate.
	server, err := l.startServer(ctx, l.database, "TRUSTED_PROXIES=127.0.0.1/32")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	requests, err := currentUserRequests(ctx, server)
	if err != nil {
		return nil, err
	}
	base, _, err := server.memory()
	if err != nil {
		return nil, err
	}
	for _, polite := range []bool{true, false} {
		ratio, flood, p99, err := l.floodRatio(ctx, server, requests, polite)
		if err != nil {
			return rows, err
		}
		clients := map[bool]string{true: "polite", false: "retrying at once"}[polite]
		rows = append(rows, row{
			fmt.Sprintf("GET /users/me at %d/s while %d clients log in, %s: p99", steadyRate, floodClients, clients), "without them",
			fmt.Sprintf("%.1f (%s; of the flood %s)", ratio, ms(p99), statuses(flood)), "≤ 3", new(ratio <= 3),
		})
	}
	_, peak, err := server.memory()
	allowed := base + int64(max(1, runtime.GOMAXPROCS(0)/2))*hashMemory + 64<<20
	return append(rows, row{
		"resident memory in the flood, at most", "base + slots × m + 64 MiB", fmt.Sprintf("%s of %s", mib(peak), mib(allowed)),
		"≤ 1", new(peak <= allowed),
	}), err
}

// floodRatio returns the ratio of the 99th percentiles with and without a flood of logins.
func (l *lab) floodRatio(
	ctx context.Context, server *program, requests [][]byte, polite bool,
) (ratio float64, flood load.Result, p99 time.Duration, err error) {
	var ratios, p99s []float64
	for range max(1, l.rounds/2) {
		calm, err := load.Steady(ctx, server.address, requests, steadyRate, 2*l.round)
		if err != nil {
			return 0, flood, 0, err
		}
		flooding, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() {
			var err error
			flood, err = load.Flood(flooding, server.address, loginRequests(), polite)
			ended <- err
		}()
		time.Sleep(l.round / 2) // until the queue is full
		stormy, err := load.Steady(ctx, server.address, requests, steadyRate, 2*l.round)
		stop()
		if err := errors.Join(err, <-ended, only200(calm, stormy)); err != nil {
			return 0, flood, 0, err
		}
		ratios = append(ratios, float64(stormy.Quantile(0.99))/float64(calm.Quantile(0.99)))
		p99s = append(p99s, float64(stormy.Quantile(0.99)))
	}
	return median(ratios), flood, time.Duration(median(p99s)), nil
}

// loginRequests returns a login per client of the flood, each for an unknown account from another
// address.
func loginRequests() [][]byte {
	requests := make([][]byte, floodClients)
	for i := range requests {
		body := fmt.Sprintf(`{"email":%q,"password":%q}`, newEmail(), password)
		requests[i] = load.Request(http.MethodPost, "/api/v1/auth/login", body, fmt.Sprintf("X-Forwarded-For: 198.51.100.%d", i+1))
	}
	return requests
}

func statuses(result load.Result) string {
	var parts []string
	for status, count := range result.Statuses {
		parts = append(parts, fmt.Sprintf("%d× %d", count, status))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
