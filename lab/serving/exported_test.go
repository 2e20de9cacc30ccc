package serving_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"

	"example.com/plinth/internal/pgtest"
)

// values are the values of each label of a metric.
type values map[string][]string

// exported are the exported metrics, by name.
type exported map[string]values

func (e exported) add(t *testing.T, sample string) {
	t.Helper()
	name, labels := selector(t, sample)
	if e[name] == nil {
		e[name] = values{"job": nil, "instance": nil} // added by Prometheus
	}
	for _, label := range labels {
		e[name][label.Label] = append(e[name][label.Label], label.Value)
	}
}

// selector parses a name with labels in braces.
func selector(t *testing.T, text string) (name string, labels []metricsql.LabelFilter) {
	t.Helper()
	parsed, err := metricsql.Parse(text)
	must(t, err)
	metric, ok := parsed.(*metricsql.MetricExpr)
	if !ok || len(metric.LabelFilterss) != 1 {
		t.Fatalf("%s is not the name of a metric", text)
	}
	return metric.LabelFilterss[0][0].Value, metric.LabelFilterss[0][1:]
}

// newExported scrapes a server.
func newExported(t *testing.T) exported {
	t.Helper()
	s := start(t, settings(t, pgtest.URL(t), nil))
	s.Log.Await(t, "ready")
	_, _ = s.get(t, "/api/docs")
	_, _ = s.get(t, "/nowhere")
	s.awaitSamples(t, samples{requestsTo("documentation", "200"): 1, requestsTo("none", "404"): 1})
	found := exported{}
	for sample := range s.scrape(t) {
		found.add(t, sample)
	}
	return found
}

// Metrics of Go and of the process need no explanation.
func TestMetricsAreExplained(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/observe.md")
	must(t, err)
	suffixes := regexp.MustCompile(`_(bucket|sum|count)$`)
	for _, name := range slices.Sorted(maps.Keys(newExported(t))) {
		family := suffixes.ReplaceAllString(name, "")
		ours := !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_")
		if ours && !strings.Contains(string(text), "`"+family+"`") {
			t.Errorf("docs/observe.md does not explain %s", family)
		}
	}
}
