package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"example.com/plinth/db"
	"example.com/plinth/kit/devdb"
	"example.com/plinth/lab/bench/load"
)

const (
	// connections is the number of concurrent clients, enough to saturate two cores.
	connections = 32
	password    = "correct horse battery staple"
	origin      = "https://app.example.com"
	poolSize    = "8"
)

// lab is shared by all scenarios: the programs, a PostgreSQL server with an empty migrated
// database, and a secret.
type lab struct {
	options

	dir      string
	server   *devdb.Server
	database string // URL
	secret   string
	log      io.Writer
}

func newLab(ctx context.Context, opts options, log io.Writer) (_ *lab, err error) {
	dir, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // G302: the database's user needs access
		return nil, err
	}
	l := &lab{options: opts, dir: dir, secret: rand.Text() + rand.Text(), log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	l.say("building the programs")
	build := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", dir + "/"}
	if err := l.inRoot(ctx, "go", append(build, "./cmd/server", "./cmd/migrate")...); err != nil {
		return nil, err
	}
	if err := l.inRoot(ctx, "go", slices.Concat([]string{"-C", "lab"}, build, []string{"./bench/bare"})...); err != nil {
		return nil, err
	}
	l.say("starting PostgreSQL")
	if l.server, err = devdb.Start(ctx, devdb.Options{
		Dir: filepath.Join(dir, "postgres"), Extensions: db.Extensions(), Exclusive: true,
	}); err != nil {
		return nil, err
	}
	l.database, err = l.newDatabase(ctx, "bench")
	return l, err
}

// newDatabase returns the URL of an empty migrated database.
func (l *lab) newDatabase(ctx context.Context, name string) (string, error) {
	if err := l.server.CreateDatabase(ctx, name); err != nil {
		return "", err
	}
	url := l.server.URL(name)
	migrate := exec.CommandContext(ctx, filepath.Join(l.dir, "migrate"), "up") //nolint:gosec // G204: a program of the repository
	migrate.Env = []string{"DATABASE_URL=" + url}
	if output, err := migrate.CombinedOutput(); err != nil {
		return "", fmt.Errorf("migrating: %w\n%s", err, output)
	}
	return url, nil
}

// inRoot runs a command in the root of the repository.
func (l *lab) inRoot(ctx context.Context, name string, args ...string) error {
	command := exec.CommandContext(ctx, name, args...) //nolint:gosec // G204: fixed commands
	command.Dir = l.root
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, args[0], err, output)
	}
	return nil
}

func (l *lab) close() error {
	var err error
	if l.server != nil {
		err = l.server.Stop()
	}
	return errors.Join(err, os.RemoveAll(l.dir))
}

func (l *lab) say(format string, args ...any) { fmt.Fprintf(l.log, format+"\n", args...) }

// startServer starts the API with all features, as in production, and with additional settings.
func (l *lab) startServer(ctx context.Context, database string, settings ...string) (*program, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	env := append([]string{
		"ENVIRONMENT=production", "HOST=127.0.0.1", "PORT=" + port(address), "METRICS_ADDR=127.0.0.1:0", "SHUTDOWN_DELAY=0s",
		"DATABASE_URL=" + database, "DATABASE_POOL_SIZE=" + poolSize, "DATABASE_MAX_OVERFLOW=0",
		"JWT_SECRET=" + l.secret, "CORS_ORIGINS=" + origin,
		// Limits that are enforced but never reached.
		"RATE_LIMIT_READ=1000/1s", "RATE_LIMIT_SESSION=1000000/1m", "RATE_LIMIT_CREDENTIALS=1000000/1m",
		"RATE_LIMIT_DISCLOSING=1000000/1m",
	}, settings...)
	return l.start(ctx, address, env, "server")
}

// startBare starts the baseline.
func (l *lab) startBare(ctx context.Context) (*program, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	return l.start(ctx, address, nil, "bare", address, l.database+"&pool_max_conns="+poolSize, l.secret)
}

// register creates an account over HTTP and returns its access token and refresh token.
func register(ctx context.Context, p *program) (access, refresh string, err error) {
	return registerAs(ctx, p, newEmail())
}

// registerAs is register with an e-mail.
func registerAs(ctx context.Context, p *program, email string) (access, refresh string, err error) {
	body := fmt.Sprintf(`{"email":%q,"password":%q,"name":"Ada Lovelace"}`, email, password)
	conn, err := load.Dial(ctx, p.address)
	if err != nil {
		return "", "", err
	}
	defer conn.Close() //nolint:errcheck // read only
	answer, err := conn.Do(load.Request(http.MethodPost, "/api/v1/auth/register", body))
	if err != nil {
		return "", "", err
	}
	if answer.Status != http.StatusCreated {
		return "", "", fmt.Errorf("registering: %d %s", answer.Status, answer.Body)
	}
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	err = json.Unmarshal(answer.Body, &tokens)
	return tokens.Access, tokens.Refresh, err
}

// currentUserRequests returns a request per connection, each for another account.
func currentUserRequests(ctx context.Context, p *program) ([][]byte, error) {
	requests := make([][]byte, connections)
	for i := range requests {
		access, _, err := register(ctx, p)
		if err != nil {
			return nil, err
		}
		requests[i] = load.Request(http.MethodGet, "/api/v1/users/me", "", "Authorization: Bearer "+access, "Origin: "+origin)
	}
	return requests, nil
}

// only200 fails unless all responses are 200, because rejections are fast and would improve the
// result.
func only200(results ...load.Result) error {
	for _, result := range results {
		if result.Statuses[http.StatusOK] != result.Requests() || result.Failures > 0 {
			return fmt.Errorf("not every response was 200: %v, %d without a response", result.Statuses, result.Failures)
		}
	}
	return nil
}

// newEmail returns an unused address.
func newEmail() string { return strings.ToLower(rand.Text()) + "@example.com" }

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
