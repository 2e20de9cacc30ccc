package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"example.com/plinth/kit/telemetry"
)

func ExampleNewLogger() {
	logger := telemetry.NewLogger(os.Stdout, telemetry.LoggerOptions{Format: "text"})
	err := errors.New("no route to postgres://app:hunter2@db")
	logger.InfoContext(context.Background(), "connecting", slog.String("password", "hunter2"), slog.Any("error", err))
	// The line has password=[redacted] error="no route to postgres://[redacted]@db".
}

type outcome string

func ExampleOutcomes() {
	metrics := telemetry.NewMetrics(
		telemetry.MetricsOptions{Service: "orders", Version: "v1.2.3", Environment: "staging"},
	)
	paid := telemetry.Outcomes(
		metrics,
		"orders_payments_total",
		"Payments, by how they ended.",
		[]outcome{"accepted", "declined"},
	)
	paid("accepted")

	response := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(
		response,
		httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", http.NoBody),
	)
	for line := range strings.Lines(response.Body.String()) {
		if strings.HasPrefix(line, "orders_payments_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// orders_payments_total{outcome="accepted"} 1
	// orders_payments_total{outcome="declined"} 0
}

func ExampleStart() {
	ctx := context.Background()
	started, err := telemetry.Start(ctx, telemetry.Options{
		Service: "orders", Version: "v1.2.3", Environment: "staging", Log: os.Stderr, Metrics: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer started.Close(ctx)
	fmt.Println(started.Metrics != nil, started.Tracing != nil)
	// Output: true false
}
