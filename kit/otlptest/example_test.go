package otlptest_test

import (
	"fmt"
	"net/http"
	"testing"

	"example.com/plinth/kit/otlptest"
	"example.com/plinth/kit/telemetry"
)

func Example() {
	_ = func(t *testing.T) { // a test of your own
		t.Helper()
		collector := otlptest.New(t)
		tracing, err := telemetry.NewTracing(
			t.Context(),
			telemetry.TracingOptions{Endpoint: collector.URL + "/v1/traces"},
		)
		if err != nil {
			t.Fatal(err)
		}
		_, finish := tracing.StartRequest(t.Context(), telemetry.TracedRequest{Operation: "getThing"})
		finish(http.StatusOK)
		fmt.Println(collector.Await(t, "getThing").Kind)
	}
}
