//go:build pgbouncer

package pooler_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/jobs"
)

// TestBehindPgBouncer runs the service with the settings of deploy/pgbouncer, but only two
// connections.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	direct := pgtest.URL(t)
	pooled := startPgBouncer(t, direct)

	t.Run("everything works, on connections that change from one transaction to the next", func(t *testing.T) {
		t.Parallel()
		address, log := serve(t, pooled)
		log.await(t, `"msg":"ready"`)
		client, err := apiclient.NewClientWithResponses(address)
		must(t, err)
		var people sync.WaitGroup
		for i := range 40 {
			people.Go(func() { live(t, client, fmt.Sprintf("ada-%d@example.com", i)) })
		}
		people.Wait()
		pgtest.CheckSessions(t, direct)
		if n := pgtest.Value[int](t, direct, "SELECT count(*) FROM users"); n != 40 {
			t.Errorf("%d users, want 40", n)
		}
		const busy = `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`
		if n := pgtest.Value[int](t, direct, busy); n > poolSize {
			t.Errorf("the server has %d connections, so some bypass the pooler", n)
		}
	})

	t.Run("jobs run, by polling", func(t *testing.T) {
		t.Parallel()
		runJobs(t, direct, pgtest.NewStore(t, pooled, pgstore.Options{TransactionPooler: true}))
	})

	t.Run("without the setting connections fail", func(t *testing.T) {
		t.Parallel()
		err := pgtest.NewStore(t, pooled, pgstore.Options{}).Ping(t.Context())
		if !strings.Contains(causes(err), "unsupported startup parameter") {
			t.Errorf("got %v", causes(err))
		}
	})
}

// greet is a job.
type greet struct{ N int }

func (greet) Kind() string { return "greet" }

// runJobs enqueues jobs in transactions, and waits until each has run once.
func runJobs(t *testing.T, direct string, store *pgstore.Store) {
	t.Helper()
	const n = 50
	var ran atomic.Int32
	workers := store.NewWorkers([]jobs.Handler{jobs.Handle(func(context.Context, greet) error {
		ran.Add(1)
		return nil
	})}, jobs.Options{PollOnly: true})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- workers.Run(ctx) }()
	for i := range n {
		must(t, store.InTx(t.Context(), func(tx domain.Store) error { return tx.EnqueueJob(t.Context(), greet{i}) }))
	}
	pgtest.Await(t, direct, "SELECT count(*) = $1 FROM river_job WHERE kind = 'greet' AND state = 'completed'", n)
	stop()
	must(t, <-stopped)
	if ran.Load() != n {
		t.Errorf("%d jobs ran %d times", n, ran.Load())
	}
}

// Limits that a pooler does not pass on are reported, unless the server's role has them.
func TestLimitsBehindPgBouncer(t *testing.T) {
	t.Parallel()
	direct := pgtest.URL(t)
	_, log := serve(t, startPgBouncer(t, direct))
	warning := log.await(t, "database connections have no limits: set them for the role, see docs/scaling.md")
	for _, limit := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		if !strings.Contains(warning, limit) {
			t.Errorf("the log does not say that %s is missing", limit)
		}
		pgtest.Exec(t, direct,
			`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET `+limit+` = ''8s''', current_database()); END $$`)
	}
	store := pgtest.NewStore(t, startPgBouncer(t, direct), pgstore.Options{TransactionPooler: true})
	if missing, err := store.MissingLimits(t.Context()); err != nil || len(missing) > 0 {
		t.Errorf("missing: %v, %v", missing, err)
	}
}

// live acts as a user: several transactions, each on any free connection.
func live(t *testing.T, client *apiclient.ClientWithResponses, email string) {
	t.Helper()
	const password = "correct horse battery staple"
	registration := apiclient.RegisterUserRequest{Email: email, Password: password}
	registered, err := client.RegisterUserWithResponse(t.Context(), registration)
	if err != nil || registered.StatusCode() != http.StatusCreated {
		t.Errorf("registering: %v, %s", err, registered.Body)
		return
	}
	credentials := apiclient.LoginUserRequest{Email: email, Password: password}
	login, err := client.LoginUserWithResponse(t.Context(), credentials)
	if err != nil || login.JSON200 == nil {
		t.Errorf("logging in: %v, %s", err, login.Body)
		return
	}
	refreshed := login.JSON200.RefreshToken
	for range 5 {
		request := apiclient.RefreshTokensRequest{RefreshToken: refreshed}
		answer, err := client.RefreshTokensWithResponse(t.Context(), request)
		if err != nil || answer.JSON200 == nil {
			t.Errorf("refreshing: %v, %s", err, answer.Body)
			return
		}
		refreshed = answer.JSON200.RefreshToken
		me, err := client.GetCurrentUserWithResponse(t.Context(), bearer(answer.JSON200.AccessToken))
		if err != nil || me.JSON200 == nil || me.JSON200.Email != email {
			t.Errorf("reading the account: %v, %s", err, me.Body)
			return
		}
	}
}

// poolSize is the number of PgBouncer's connections, fewer than clients, so that they are shared.
const poolSize = 2

// startPgBouncer returns the URL of a database behind a PgBouncer, which ends with the test.
func startPgBouncer(t *testing.T, databaseURL string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	must(t, err)
	password, _ := u.User.Password()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	address := listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	must(t, err)
	must(t, listener.Close())

	shipped, err := os.ReadFile("../../deploy/pgbouncer/pgbouncer.ini")
	must(t, err)
	file := filepath.Join(t.TempDir(), "pgbouncer.ini")
	// The last setting of a name applies.
	//nolint:gosec // G703: a folder of this test
	must(t, os.WriteFile(file, fmt.Appendf(shipped, `
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
auth_file =
default_pool_size = %d
[databases]
* = host=%s port=%s user=%s password='%s'
`, port, poolSize, u.Hostname(), u.Port(), u.User.Username(), strings.ReplaceAll(password, "'", "''")), 0o600))
	args := []string{file}
	if os.Geteuid() == 0 {
		args = append(args, "-u", "nobody") // it refuses to be root
	}
	ended := make(chan struct{})
	var log bytes.Buffer // to be read after the end
	cmd := exec.CommandContext(t.Context(), "pgbouncer", args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	must(t, cmd.Start())
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() { <-ended }) // killed by the end of the test's context
	for !accepts(t, address) {
		select {
		case <-ended:
			t.Fatalf("PgBouncer ended:\n%s", &log)
		default:
			runtime.Gosched()
		}
	}
	u.Host = address
	return u.String()
}

// bearer sends an access token.
func bearer(token string) apiclient.RequestEditorFn {
	return func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
}

// causes returns the texts of an error and of the errors that it wraps.
func causes(err error) string {
	var texts []string
	for ; err != nil; err = errors.Unwrap(err) {
		texts = append(texts, err.Error())
	}
	return strings.Join(texts, ": ")
}
