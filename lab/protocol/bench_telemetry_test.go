package protocol_test

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/telemetry"
)

// BenchmarkTelemetry is what it costs to be seen: GET /users/me in process, without a database,
// with metrics, and with traces on top, against the same without, interleaved in one run.
func BenchmarkTelemetry(b *testing.B) {
	b.Run("metrics", func(b *testing.B) { compareTelemetry(b, newTelemetry(b, true, 0)) })
	b.Run("traces_5_percent", func(b *testing.B) { compareTelemetry(b, newTelemetry(b, true, 0.05)) })
	b.Run("traces_all", func(b *testing.B) { compareTelemetry(b, newTelemetry(b, true, 1)) })
	b.Run("nothing", func(b *testing.B) { compareTelemetry(b, newTelemetry(b, false, 0)) }) // how much is noise
}

// newTelemetry returns options for a server that counts requests and traces a share of them.
func newTelemetry(b *testing.B, counts bool, share float64) func(*httpapi.Options) {
	b.Helper()
	var metrics *telemetry.Metrics
	var tracing *telemetry.Tracing
	if counts {
		metrics = telemetry.NewMetrics(telemetry.MetricsOptions{})
	}
	if share > 0 {
		collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
		}))
		b.Cleanup(collector.Close)
		var err error
		tracing, err = telemetry.NewTracing(b.Context(), telemetry.TracingOptions{
			Endpoint: collector.URL, Sampler: "parentbased_traceidratio", Ratio: share,
			Logger: telemetry.NewLogger(b.Output(), telemetry.LoggerOptions{}),
		})
		apitest.Must(b, err)
		b.Cleanup(func() { _ = tracing.Close(context.WithoutCancel(b.Context()), time.Minute) })
	}
	return func(options *httpapi.Options) { options.Metrics, options.Tracing = metrics, tracing }
}

func compareTelemetry(b *testing.B, on func(*httpapi.Options)) {
	b.Helper()
	request := func(change func(*httpapi.Options)) func() {
		cfg := apitest.NewConfig(b, map[string]string{"RATE_LIMIT_ENABLED": "false"})
		assembled := apitest.Build(b, httpapi.New, cfg, oneSession{}, func(deps *httpapi.Dependencies, options *httpapi.Options) {
			deps.Logger = telemetry.NewLogger(io.Discard, telemetry.LoggerOptions{Level: slog.LevelInfo})
			change(options)
		})
		tokens, err := assembled.Services.Sessions.RegisterUser(b.Context(), domain.Registration{Email: "ada@example.com", Password: apitest.Password}, domain.Client{})
		apitest.Must(b, err)
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, apitest.MePath, http.NoBody)
		r.Header.Set("Authorization", "Bearer "+tokens.Access)
		return func() {
			response := httptest.NewRecorder()
			assembled.Handler.ServeHTTP(response, r)
			apitest.Want(b, "status", response.Code, http.StatusOK, response.Body.Bytes())
		}
	}
	with, without := request(on), request(func(*httpapi.Options) {})
	reportTimes(b, with, without)
	const runs = 1000
	b.ReportMetric(testing.AllocsPerRun(runs, with), "allocs/request")
	b.ReportMetric(testing.AllocsPerRun(runs, without), "allocs/without")
}

// reportTimes reports the fastest rounds, which other work on the machine has disturbed least.
func reportTimes(b *testing.B, with, without func()) {
	b.Helper()
	const round = 50
	measure := func(request func()) float64 {
		started := time.Now()
		for range round {
			request()
		}
		return float64(time.Since(started).Nanoseconds()) / round
	}
	fastest, fastestWithout := math.Inf(1), math.Inf(1)
	for b.Loop() {
		fastest, fastestWithout = min(fastest, measure(with)), min(fastestWithout, measure(without))
	}
	b.ReportMetric(0, "ns/op") // of a pair of rounds, which means nothing
	b.ReportMetric(fastest, "ns/request")
	b.ReportMetric(fastestWithout, "ns/without")
	b.ReportMetric(fastest/fastestWithout, "×without")
}

// oneSession is a memoryStore with a user who is always logged in.
type oneSession struct{ memoryStore }

func (oneSession) GetActor(_ context.Context, sessionID, userID string) (domain.Actor, error) {
	return domain.Actor{
		User: domain.User{ID: userID, Email: "ada@example.com", Role: domain.RoleUser, IsActive: true}, SessionID: sessionID,
	}, nil
}
