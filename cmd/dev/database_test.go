package main

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/contracttest"
)

func TestUnusableDatabase(t *testing.T) { //nolint:paralleltest // the environment is the process's
	checkout(t, map[string]string{"DATABASE_URL": "postgres://user:hunter2-canary@127.0.0.1:1/db"})
	code, _, stderr := dev(t, "serve")
	if code != 1 || !strings.Contains(stderr, "cannot reach the database server") ||
		strings.Contains(stderr, "canary") {
		t.Errorf("exit status %d: %s", code, stderr)
	}
}

//nolint:paralleltest // the environment is the process's
func TestTakenPortIsReportedBeforeTheDatabaseStarts(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer listener.Close() //nolint:errcheck // nothing depends on it
	_, port, err := net.SplitHostPort(listener.Addr().String())
	must(t, err)
	checkout(t, map[string]string{"PORT": port})
	code, _, stderr := dev(t)
	if code != 1 || !strings.Contains(stderr, "port "+port+" is taken") || !strings.Contains(stderr, "make run") {
		t.Errorf("exit status %d: %s", code, stderr)
	}
	if _, err := os.Stat(clusterDir); err == nil {
		t.Error("the database was started first")
	}
}

func TestReset(t *testing.T) { //nolint:paralleltest // the environment is the process's
	checkout(t, nil)
	reset := func(want int, words string, args ...string) {
		t.Helper()
		code, stdout, stderr := dev(t, append([]string{"reset"}, args...)...)
		if code != want || !strings.Contains(stdout+stderr, words) {
			t.Errorf("exit status %d, want %d and %q: %s%s", code, want, words, stdout, stderr)
		}
	}
	reset(0, "Deleted", "--yes")                                       // without a database
	must(t, os.MkdirAll(filepath.Join(clusterDir, "precious"), 0o755)) //nolint:gosec // G301: root's server has to pass
	reset(1, "holds something else", "--yes")
	reset(0, "make reset YES=1")
}

// The database starts with the program, is shared by a second program, and ends with the first.
// The data stays.
func TestWithoutADatabaseURL(t *testing.T) { //nolint:paralleltest // the environment is the process's
	checkout(t, map[string]string{"PORT": "0", "PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1"})
	s := serveInBackground(t)
	screen := s.awaitReady(t)
	if code, _, stderr := dev(t, "exec", "sh", "-c", `printf %s "$DATABASE_URL" >url`); code != 0 {
		t.Fatalf("exit status %d beside a running server: %s", code, stderr)
	}
	stored, err := os.ReadFile("url")
	must(t, err)
	databaseURL := string(stored)
	response := post(t, apiOf(screen)+"/api/v1/auth/register",
		`{"email":"ada@example.com","password":"correct horse battery staple"}`)
	if response != http.StatusCreated {
		t.Errorf("registering answers %d", response)
	}
	const users = "SELECT count(*) FROM users"
	if n := pgtest.Value[int](t, databaseURL, users); n != 1 { // the second program did not end the server
		t.Errorf("there are %d users in the database of the second program, want 1", n)
	}
	pid := postmaster(t)
	s.stop()
	s.wantCode(t, 0)
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("the database server is still there (%v)", err)
	}

	again := serveInBackground(t)
	again.awaitReady(t)
	response = post(t, apiOf(again.stdout.String())+"/api/v1/auth/register",
		`{"email":"ada@example.com","password":"correct horse battery staple"}`)
	if response != http.StatusConflict {
		t.Errorf("registering again answers %d, as if the data were gone", response)
	}
	must(t, syscall.Kill(postmaster(t), syscall.SIGINT)) // the one that this test started
	again.wantCode(t, 1)
	if !strings.Contains(again.stderr.String(), "the embedded PostgreSQL has ended") {
		t.Errorf("it does not say why it ended:\n%s", again.stderr)
	}
}

func apiOf(screen string) string {
	_, base, _ := strings.Cut(screen, "API      ")
	base, _, _ = strings.Cut(base, "\n")
	return base
}

var contract = contracttest.MustParse(apicontract.OpenAPI, contracttest.Options{})

func post(t *testing.T, url, body string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	must(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Transport: contract.NewTransport(t, nil)}).Do(request)
	must(t, err)
	must(t, response.Body.Close())
	return response.StatusCode
}

// postmaster returns the process of the database server of this checkout.
func postmaster(t *testing.T) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dataDir, "postgres", "*", "postmaster.pid"))
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v (%v)", found, err)
	}
	content, err := os.ReadFile(found[0])
	must(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	must(t, err)
	return pid
}
