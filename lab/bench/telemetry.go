package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
)

// measureTelemetry measures the cost of metrics and traces: all over HTTP, and each in process.
func measureTelemetry(ctx context.Context, l *lab) (rows []row, err error) {
	var batches atomic.Int64
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			batches.Add(1)
		}
	}))
	defer collector.Close()
	on, err := l.startServer(ctx, l.database, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL,
		"OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.05")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, on.stop()) }()
	off, err := l.startServer(ctx, l.database, "METRICS_ADDR=off")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, off.stop()) }()
	requests, err := currentUserRequests(ctx, on)
	if err != nil {
		return nil, err
	}
	c, err := l.compare(ctx, on, off, requests, requests)
	if err != nil {
		return nil, err
	}
	if batches.Load() == 0 {
		return nil, errors.New("no traces arrived")
	}
	rows = []row{{
		"GET /users/me, metrics and traces of 5 %, requests/s", "both off",
		fmt.Sprintf("%.2f (CPU a request %.2f)", c.rate, c.cpu), "≥ 0.90", new(c.rate >= 0.90),
	}}
	if !l.repo {
		return rows, nil
	}
	inProcess, err := l.microbench(ctx)
	return append(rows, inProcess...), err
}

// result is a line of BenchmarkTelemetry in lab/protocol.
var benchmarkResult = regexp.MustCompile(`(?m)^BenchmarkTelemetry/(\w+)\S*\s+\d+\s+([\d.]+) allocs/request\s+` +
	`([\d.]+) allocs/without\s+([\d.]+) ns/request\s+([\d.]+) ns/without\s+([\d.]+) ×without`)

func (l *lab) microbench(ctx context.Context) ([]row, error) {
	command := exec.CommandContext(ctx, "go", "test", "-run=^$", "-bench=^BenchmarkTelemetry$", "-benchtime=200x", "./protocol")
	command.Dir = filepath.Join(l.root, "lab")
	output, err := command.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("the benchmark of telemetry: %w\n%s", err, output)
	}
	var rows []row
	for _, m := range benchmarkResult.FindAllStringSubmatch(string(output), -1) {
		rows = append(rows, row{
			Work: "the same in process, " + strings.ReplaceAll(m[1], "_", " "), Against: "off",
			Measured: fmt.Sprintf("%s (%s ns and %s allocations, %s and %s)", m[6], m[4], m[2], m[5], m[3]),
		})
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("the benchmark of telemetry printed no result:\n%s", output)
	}
	return rows, nil
}
