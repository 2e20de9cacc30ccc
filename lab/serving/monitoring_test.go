package serving_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/oasdiff/yaml"
)

// These tests compare the queries of the dashboard and the rules with the metrics of a server: a
// query for a metric, label or value that does not exist never shows or fires anything.

const deploy = "../../deploy/"

// check returns the errors of a query.
func (e exported) check(query string) (wrong []string) {
	parsed, err := metricsql.Parse(query)
	if err != nil {
		return []string{err.Error()}
	}
	labels := map[string]bool{"le": true}
	metricsql.VisitAll(parsed, func(part metricsql.Expr) {
		if metric, ok := part.(*metricsql.MetricExpr); ok {
			wrong = append(wrong, e.checkMetric(metric, labels)...)
		}
	})
	grouped := func(by []string) {
		for _, label := range by {
			if !labels[label] {
				wrong = append(wrong, "no metric in it has the label "+label)
			}
		}
	}
	metricsql.VisitAll(parsed, func(part metricsql.Expr) {
		switch part := part.(type) {
		case *metricsql.AggrFuncExpr:
			grouped(part.Modifier.Args)
		case *metricsql.BinaryOpExpr:
			grouped(part.GroupModifier.Args)
		}
	})
	return wrong
}

// checkMetric adds the labels of a metric to those that the query can be grouped by.
func (e exported) checkMetric(metric *metricsql.MetricExpr, labels map[string]bool) (wrong []string) {
	for _, filters := range metric.LabelFilterss {
		name := filters[0].Value
		known, ok := e[name]
		if !ok || filters[0].Label != "__name__" {
			return append(wrong, "there is no metric "+name)
		}
		for label := range known {
			labels[label] = true
		}
		for _, filter := range filters[1:] {
			wrong = append(wrong, known.check(name, filter)...)
		}
	}
	return wrong
}

func (v values) check(name string, filter metricsql.LabelFilter) (wrong []string) {
	there, ok := v[filter.Label]
	if !ok {
		return []string{name + " has no label " + filter.Label}
	}
	if filter.Label == "job" || filter.Label == "instance" || filter.Label == "status" { // statuses come with requests
		return nil
	}
	wanted := []string{regexp.QuoteMeta(filter.Value)}
	if filter.IsRegexp {
		wanted = strings.Split(filter.Value, "|")
	}
	for _, value := range wanted {
		pattern := regexp.MustCompile("^(?:" + value + ")$")
		if !slices.ContainsFunc(there, pattern.MatchString) {
			wrong = append(wrong, "the label "+filter.Label+" of "+name+" is never "+value)
		}
	}
	return wrong
}

// rule is a recording or alerting rule of Prometheus.
type rule struct {
	Record      string            `json:"record"`
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

func readRules(t *testing.T) (rules []rule) {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []rule `json:"rules"`
		} `json:"groups"`
	}
	readYAML(t, deploy+"prometheus/rules.yaml", &file)
	for _, group := range file.Groups {
		rules = append(rules, group.Rules...)
	}
	if len(rules) == 0 {
		t.Fatal("there are no rules")
	}
	return rules
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	_, err = yaml.Unmarshal(text, into, yaml.DecodeOpts{})
	must(t, err)
}

// panel is a Grafana panel with its queries.
type panel struct {
	Title   string `json:"title"`
	Targets []struct {
		Expr   string `json:"expr"`
		Legend string `json:"legendFormat"`
	} `json:"targets"`
}

// readDashboards returns the panels of all dashboards, with values for Grafana's variables.
func readDashboards(t *testing.T) (panels []panel) {
	t.Helper()
	paths, err := filepath.Glob(deploy + "grafana/dashboards/*.json")
	must(t, err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		must(t, err)
		filled := strings.NewReplacer("$__rate_interval", "5m", "$job", "j", "$instance", "i").Replace(string(text))
		var dashboard struct {
			Panels      []panel `json:"panels"`
			Annotations struct {
				List []struct {
					Name string `json:"name"`
					Expr string `json:"expr"`
				} `json:"list"`
			} `json:"annotations"`
		}
		must(t, json.Unmarshal([]byte(filled), &dashboard))
		panels = append(panels, dashboard.Panels...)
		for _, annotation := range dashboard.Annotations.List {
			asked := panel{Title: annotation.Name}
			asked.Targets = append(asked.Targets, struct {
				Expr   string `json:"expr"`
				Legend string `json:"legendFormat"`
			}{Expr: annotation.Expr})
			panels = append(panels, asked)
		}
	}
	if len(panels) == 0 {
		t.Fatal("there are no panels")
	}
	return panels
}

func TestDashboardsAndRulesQueryExportedMetrics(t *testing.T) {
	t.Parallel()
	found := newExported(t)
	found["up"] = values{"job": nil, "instance": nil} // made by Prometheus
	for _, rule := range readRules(t) {
		if rule.Record != "" {
			found[rule.Record] = values{"job": nil}
		}
	}
	for _, rule := range readRules(t) {
		for _, wrong := range found.check(rule.Expr) {
			t.Errorf("the rule %s%s: %s", rule.Alert, rule.Record, wrong)
		}
	}
	queries := 0
	for _, panel := range readDashboards(t) {
		for _, target := range panel.Targets {
			queries++
			for _, wrong := range found.check(target.Expr) {
				t.Errorf("the panel %q: %s", panel.Title, wrong)
			}
			for _, label := range regexp.MustCompile(`\{\{(\w+)\}\}`).FindAllStringSubmatch(target.Legend, -1) {
				if !strings.Contains(target.Expr, "by ("+label[1]) &&
					!strings.Contains(target.Expr, ", "+label[1]+")") &&
					label[1] != "instance" {
					t.Errorf("the panel %q: the legend names %s, by which it does not group", panel.Title, label[1])
				}
			}
		}
	}
	if queries < len(readDashboards(t))/2 {
		t.Errorf("only %d queries were found", queries)
	}
}

// The check that the test above uses finds errors.
func TestCheckOfQueriesFindsErrors(t *testing.T) {
	t.Parallel()
	found := exported{}
	found.add(t, `http_requests_total{operation="getThing", status="200"}`)
	for query, want := range map[string]string{
		`sum by (operation) (rate(http_requests_total{job="j", operation=~"get.*", status=~"5.."}[5m]))`: "",
		`rate(http_request_total[5m])`:                          "there is no metric http_request_total",
		`http_requests_total{path="/"}`:                         "http_requests_total has no label path",
		`http_requests_total{operation="getThings"}`:            "the label operation of http_requests_total is never getThings",
		`http_requests_total{operation!~"getThing|getHealth"}`:  "the label operation of http_requests_total is never getHealth",
		`sum by (method) (http_requests_total)`:                 "no metric in it has the label method",
		`http_requests_total / on (pod) http_requests_total`:    "no metric in it has the label pod",
		`sum(rate(http_requests_total[5m])`:                     "unexpected",
		`absent(http_requests_total) or {operation="getThing"}`: "there is no metric getThing",
		`sum(http_requests_total{a=})`:                          "unexpected",
	} {
		wrong := strings.Join(found.check(query), "; ")
		if (want == "") != (wrong == "") || !strings.Contains(wrong, want) {
			t.Errorf("%s: got %q, want %q", query, wrong, want)
		}
	}
}

// TestAlertsHaveRunbooks also checks that the tests of the rules raise each alert.
func TestAlertsHaveRunbooks(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	must(t, err)
	headings := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(text), -1) {
		headings["docs/operations.md#"+strings.ReplaceAll(strings.ToLower(heading[1]), " ", "-")] = true
	}
	var tests struct {
		Tests []struct {
			Alerts []struct {
				Name string `json:"alertname"`
				Want []any  `json:"exp_alerts"`
			} `json:"alert_rule_test"`
		} `json:"tests"`
	}
	readYAML(t, deploy+"prometheus/rules_test.yaml", &tests)
	raised := map[string]bool{}
	for _, test := range tests.Tests {
		for _, alert := range test.Alerts {
			raised[alert.Name] = raised[alert.Name] || len(alert.Want) > 0
		}
	}
	for _, rule := range readRules(t) {
		if rule.Alert == "" {
			continue
		}
		if severity := rule.Labels["severity"]; severity != "page" && severity != "ticket" {
			t.Errorf("%s has the severity %q", rule.Alert, severity)
		}
		if rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" ||
			!headings[rule.Annotations["runbook"]] {
			t.Errorf("%s has a summary, a description, or a runbook that is missing: %v", rule.Alert, rule.Annotations)
		}
		if !raised[rule.Alert] {
			t.Errorf("rules_test.yaml does not raise %s", rule.Alert)
		}
	}
}

// The files that the observability profile of compose.yaml mounts exist.
func TestObservabilityProfileIsComplete(t *testing.T) {
	t.Parallel()
	var compose struct {
		Services map[string]struct {
			Profiles []string `json:"profiles"`
			Volumes  []string `json:"volumes"`
			Command  any      `json:"command"`
		} `json:"services"`
	}
	readYAML(t, "../../compose.yaml", &compose)
	var view []string
	for name, service := range compose.Services {
		if !slices.Contains(service.Profiles, "observability") {
			continue
		}
		view = append(view, name)
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if _, err := os.Stat("../../" + source); err != nil {
				t.Errorf("%s mounts %s: %v", name, source, err)
			}
		}
	}
	slices.Sort(view)
	if want := []string{"grafana", "jaeger", "prometheus"}; !slices.Equal(view, want) {
		t.Errorf("the profile starts %v, want %v", view, want)
	}
	for _, file := range []string{
		"prometheus/prometheus.yaml", "grafana/provisioning/datasources/datasources.yaml",
		"grafana/provisioning/dashboards/dashboards.yaml",
	} {
		var content map[string]any
		readYAML(t, deploy+file, &content)
	}
}
