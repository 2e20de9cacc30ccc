package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"example.com/plinth/lab/bench/load"
)

const bareHandler = "bare Echo + pgx handler"

// measureCurrentUser measures the cost of everything around the handler.
func measureCurrentUser(ctx context.Context, l *lab) (rows []row, err error) {
	debug, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	server, err := l.startServer(ctx, l.database, "DEBUG_ADDR="+debug)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	bare, err := l.startBare(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	requests, err := currentUserRequests(ctx, server)
	if err != nil {
		return nil, err
	}
	c, err := l.compare(ctx, server, bare, requests, requests)
	if err != nil {
		return nil, err
	}
	if err := l.profileServer(ctx, server, debug, requests); err != nil {
		return nil, err
	}
	_, peak, err := server.memory()
	return []row{
		{
			"GET /users/me, requests/s", bareHandler,
			fmt.Sprintf("%.2f (%.0f/s, p50 %s, p99 %s, %s)", c.rate, c.requestRate, ms(c.p50), ms(c.p99), mib(peak)),
			"≥ 0.90", new(c.rate >= 0.90),
		},
		{
			"GET /users/me, CPU a request", bareHandler, fmt.Sprintf("%.2f (%s)", c.cpu, c.cpuTime.Round(time.Microsecond)),
			"≤ 1.10", new(c.cpu <= 1.10),
		},
	}, err
}

// measureLimits compares the baseline with the limits of Echo and PostgreSQL.
func measureLimits(ctx context.Context, l *lab) (rows []row, err error) {
	server, err := l.startServer(ctx, l.database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	bare, err := l.startBare(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	requests, err := currentUserRequests(ctx, server)
	if err != nil {
		return nil, err
	}
	json := make([][]byte, connections)
	for i := range json {
		json[i] = load.Request(http.MethodGet, "/health", "")
	}
	c, err := l.compare(ctx, bare, bare, requests, json)
	if err != nil {
		return nil, err
	}
	rows = append(rows, row{Work: bareHandler, Against: "Echo that answers JSON", Measured: fmt.Sprintf("%.2f (%.0f/s)", c.rate, c.requestRate)})
	selects, err := l.pgbench(ctx)
	if err != nil {
		return rows, err
	}
	return append(rows, row{
		Work: bareHandler, Against: "pgbench, prepared select of one row", Measured: fmt.Sprintf("%.2f", c.requestRate/selects),
	}), nil
}

var transactionRate = regexp.MustCompile(`(?m)^tps = ([0-9.]+)`)

// pgbench returns the rate of prepared selects of a user.
func (l *lab) pgbench(ctx context.Context) (float64, error) {
	script := filepath.Join(l.dir, "select.sql")
	if err := os.WriteFile(script, []byte("SELECT id, email, name, role, is_active, created_at, updated_at FROM users\n"+
		"WHERE id = (SELECT min(id) FROM users);\n"), 0o600); err != nil {
		return 0, err
	}
	command := exec.CommandContext(ctx, "pgbench", "--no-vacuum", "--protocol=prepared", "--client=8", "--jobs=2", //nolint:gosec // G204: fixed arguments
		fmt.Sprintf("--time=%d", max(1, int(l.round.Seconds())*2)), "--file="+script, l.database)
	output, err := command.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench, which comes with PostgreSQL: %w\n%s", err, output)
	}
	match := transactionRate.FindSubmatch(output)
	if match == nil {
		return 0, fmt.Errorf("pgbench printed no rate:\n%s", output)
	}
	return strconv.ParseFloat(string(match[1]), 64)
}

// measureStart starts the server several times on a migrated database.
func measureStart(ctx context.Context, l *lab) ([]row, error) {
	var started, resident []float64
	for range l.rounds {
		server, err := l.startServer(ctx, l.database)
		if err != nil {
			return nil, err
		}
		time.Sleep(time.Second) // until the pool is filled and the server is idle
		now, _, err := server.memory()
		if err := errors.Join(err, server.stop()); err != nil {
			return nil, err
		}
		started = append(started, float64(server.started))
		resident = append(resident, float64(now))
	}
	binary, err := os.Stat(filepath.Join(l.dir, "server"))
	if err != nil {
		return nil, err
	}
	first, idle := time.Duration(median(started)), int64(median(resident))
	return []row{
		{"start: exec → first 200", "", ms(first), "≤ 100 ms", new(first <= 100*time.Millisecond)},
		{"resident memory, idle", "", mib(idle), "≤ 30 MiB", new(idle <= 30<<20)},
		{"size of the binary", "", mib(binary.Size()), "≤ 45 MiB", new(binary.Size() <= 45<<20)},
	}, nil
}

// measureRepository times the generation of code and the tests.
func measureRepository(ctx context.Context, l *lab) ([]row, error) {
	if !l.repo {
		return nil, nil
	}
	generate, err := timed(func() error { return l.inRoot(ctx, "go", "generate", "./...") }, 2)
	if err != nil {
		return nil, err
	}
	test, err := timed(func() error { return l.inRoot(ctx, "make", "test") }, 1)
	return []row{
		{"go generate ./..., warm", "", generate.Round(100 * time.Millisecond).String(), "≤ 15 s", new(generate <= 15*time.Second)},
		{"make test", "", test.Round(time.Second).String(), "≤ 3 min", new(test <= 3*time.Minute)},
	}, err
}

// timed runs a function several times and returns the duration of the last run.
func timed(run func() error, times int) (time.Duration, error) {
	var took time.Duration
	for range times {
		started := time.Now()
		if err := run(); err != nil {
			return 0, err
		}
		took = time.Since(started)
	}
	return took, nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func mib(bytes int64) string { return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20)) }
