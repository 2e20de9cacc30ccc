package serving_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

// samples are the values of a scrape, by name and labels as written.
type samples map[string]float64

func (s *server) scrape(t *testing.T) samples {
	t.Helper()
	status, text := s.getMetrics(t, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("metrics: status %d: %s", status, text)
	}
	found := samples{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "} "); ok && line[0] != '#' {
			found.add(t, name+"}", value)
		} else if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && line[0] != '#' {
			found.add(t, name, value)
		}
	}
	return found
}

func (s samples) add(t *testing.T, name, text string) {
	t.Helper()
	value, err := strconv.ParseFloat(text, 64)
	must(t, err)
	s[name] = value
}

// awaitSamples scrapes until the metrics have these values: a request is counted just after its
// response.
func (s *server) awaitSamples(t *testing.T, want samples) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() {
		got := s.scrape(t)
		wrong := maps.Clone(want)
		maps.DeleteFunc(wrong, func(name string, value float64) bool {
			seen, there := got[name]
			return there && seen == value
		})
		if len(wrong) == 0 {
			return
		}
		if time.Now().After(deadline) {
			for name, value := range wrong {
				t.Errorf("%s is %v, want %v", name, got[name], value)
			}
			return
		}
	}
}

func requestsTo(operation, status string) string {
	return `http_server_request_duration_seconds_count{operation="` + operation + `",status="` + status + `"}`
}

func TestMetricsCountRequestsAndOutcomes(t *testing.T) {
	t.Parallel()
	s := start(t, settings(t, pgtest.URL(t), map[string]string{"DATABASE_MAX_OVERFLOW": "3"}))
	s.Log.Await(t, "ready")
	credentials := `{"email":"ada@example.com","password":"correct horse battery staple"}`
	_, registered := s.register(t, "ada@example.com")
	var tokens struct {
		Refresh string `json:"refresh_token"`
	}
	must(t, json.Unmarshal([]byte(registered), &tokens))
	for _, request := range []struct {
		path, body string
		want       int
	}{
		{"/api/v1/auth/register", credentials, 409},
		{"/api/v1/auth/login", credentials, 200},
		{"/api/v1/auth/login", strings.Replace(credentials, "ada", "bob", 1), 401},
		{"/api/v1/auth/login", strings.Replace(credentials, "horse", "mule", 1), 401},
		{"/api/v1/auth/login", `{}`, 422},
		{"/api/v1/auth/refresh", `{"refresh_token":"` + tokens.Refresh + `"}`, 200},
		{"/api/v1/auth/refresh", `{"refresh_token":"` + tokens.Refresh + `"}`, 200},
		{"/nowhere", `{}`, 404},
	} {
		if status, body := s.post(t, request.path, request.body); status != request.want {
			t.Fatalf("%s: status %d, want %d: %s", request.path, status, request.want, body)
		}
	}
	for _, path := range []string{
		"/health", "/nowhere", "/nowhere/else?x=1", "/api/docs", "/api/v1/users/me", "/api/v1/users/1",
	} {
		_, _ = s.get(t, path)
	}

	s.awaitSamples(t, samples{
		requestsTo("registerUser", "201"): 1, requestsTo("registerUser", "409"): 1,
		requestsTo("registerUser", "500"): 0,
		requestsTo("loginUser", "200"):    1, requestsTo("loginUser", "401"): 2, requestsTo("loginUser", "422"): 1,
		requestsTo("refreshTokens", "200"): 2, requestsTo("getHealth", "200"): 1, requestsTo("none", "404"): 3,
		requestsTo("documentation", "200"): 1, requestsTo("getCurrentUser", "401"): 1,
		requestsTo("getUser", "401"):             1,
		`auth_logins_total{outcome="succeeded"}`: 1, `auth_logins_total{outcome="unknown_email"}`: 1,
		`auth_logins_total{outcome="wrong_password"}`: 1, `auth_logins_total{outcome="failed"}`: 0,
		`auth_refreshes_total{outcome="rotated"}`: 1, `auth_refreshes_total{outcome="repeated"}`: 1,
		`password_hashing_wait_seconds_count`: 5, // 2 registrations, 3 logins
		`password_hashing_slots_in_use`:       0,
		`db_pool_max_connections`:             4, `db_pool_connections{state="in_use"}`: 0, `service_ready`: 1,
		`http_server_active_requests`: 0,
	})
	for name := range s.scrape(t) {
		if strings.Contains(name, "example.com") || strings.Contains(name, "nowhere") {
			t.Errorf("a label holds input: %s", name)
		}
	}
	built := `service_build_info{environment="development",go_version="` + runtime.Version() +
		`",service="Plinth",version="dev"}`
	if s.scrape(t)[built] != 1 {
		t.Errorf("%s is missing", built)
	}
}

// The API and the metrics have separate addresses.
func TestMetricsHaveTheirOwnAddress(t *testing.T) {
	t.Parallel()
	s := start(t, settings(t, pgtest.URL(t), nil))
	if s.metrics == "" || s.metrics == s.URL || !strings.HasPrefix(s.metrics, "http://127.0.0.1:") {
		t.Fatalf("metrics are at %q, the API is at %s", s.metrics, s.URL)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars"} {
		if status, _ := s.get(t, path); status != http.StatusNotFound {
			t.Errorf("%s on the API's port: status %d", path, status)
		}
	}
	for path, want := range map[string]int{
		"/metrics": 200, "/debug/pprof/": 404, "/debug/pprof/heap": 404, "/health": 404,
		"/api/v1/users/me": 404, "/": 404, "/debug/vars": 404,
	} {
		if status, _ := s.getMetrics(t, path); status != want {
			t.Errorf("%s on the metrics' port: status %d, want %d", path, status, want)
		}
	}
}

func TestProfilesAreOffByDefault(t *testing.T) {
	t.Parallel()
	off := start(t, settings(t, pgtest.URL(t), nil))
	off.Log.Await(t, "ready")
	if strings.Contains(off.Log.String(), "showing profiles") {
		t.Errorf("profiles are shown:\n%s", off.Log)
	}
	on := start(t, settings(t, pgtest.URL(t), map[string]string{"DEBUG_ADDR": "127.0.0.1:0"}))
	on.Log.Await(t, "showing profiles")
	on.metrics = fmt.Sprintf("http://%s", on.Log.Line(t, "showing profiles")["address"])
	for path, want := range map[string]int{
		"/debug/pprof/": 200, "/debug/pprof/goroutine?debug=1": 200, "/debug/pprof/cmdline": 200,
		"/debug/pprof/symbol":            200,
		"/debug/pprof/profile?seconds=1": 200, "/debug/pprof/trace?seconds=0.1": 200, "/metrics": 404, "/health": 404,
	} {
		if status, _ := on.getMetrics(t, path); status != want {
			t.Errorf("%s: status %d, want %d", path, status, want)
		}
	}
}

func TestMetricsCanBeOff(t *testing.T) {
	t.Parallel()
	s := start(t, settings(t, pgtest.URL(t), map[string]string{"METRICS_ADDR": "off"}))
	s.Log.Await(t, "ready")
	if s.metrics != "" {
		t.Errorf("metrics are at %s", s.metrics)
	}
	if status, body := s.register(t, "ada@example.com"); status != http.StatusCreated {
		t.Errorf("registration: status %d: %s", status, body)
	}
}

func TestMetricsAreShownDuringTheDrain(t *testing.T) {
	t.Parallel()
	s := start(t, settings(t, pgtest.URL(t), map[string]string{"SHUTDOWN_DELAY": "2s"}))
	s.Log.Await(t, "ready")
	s.awaitSamples(t, samples{"service_ready": 1})
	s.Stop()
	s.Log.Await(t, "draining")
	s.awaitSamples(t, samples{"service_ready": 0})
	must(t, s.Outcome(t))
	if response, err := http.Get(s.metrics + "/metrics"); err == nil { //nolint:noctx // no response expected
		_ = response.Body.Close()
		t.Error("the metrics address is open after the stop")
	}
}

func TestLabelsHaveFewValues(t *testing.T) {
	t.Parallel()
	s := start(t, settings(t, pgtest.URL(t), nil))
	s.Log.Await(t, "ready")
	_, _ = s.get(t, "/health")
	s.awaitSamples(t, samples{requestsTo("getHealth", "200"): 1})
	before := len(s.scrape(t))
	for i := range 50 {
		_, _ = s.get(t, "/api/v1/users/"+strconv.Itoa(i)) // 401
		_, _ = s.get(t, "/"+strconv.Itoa(i))              // 404
		request, err := http.NewRequestWithContext(t.Context(), "METHOD"+strconv.Itoa(i), s.URL+"/health", http.NoBody)
		must(t, err)
		_, _ = answer(t, request) // 405
	}
	s.awaitSamples(t, samples{
		requestsTo("none", "404"): 50, requestsTo("none", "405"): 50, requestsTo("getUser", "401"): 50,
	})
	const perHistogram = 16 // buckets, sum and count
	if after := len(s.scrape(t)); after > before+3*perHistogram {
		t.Errorf("150 requests created %d time series", after-before)
	}
	label := regexp.MustCompile(
		`^http_server_request_duration_seconds_count\{operation="[A-Za-z]+",status="[1-5][0-9][0-9]"\}$`)
	for name := range s.scrape(t) {
		if strings.HasPrefix(name, "http_server_request_duration_seconds_count") && !label.MatchString(name) {
			t.Errorf("%s has a label that is neither an operation nor a status", name)
		}
	}
}
