//go:build faults

package faults_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

// pooler is a PgBouncer in transaction mode with fewer server connections than the replicas' pools.
type pooler struct {
	*process

	dir, port, database string
}

func startPooler(t *testing.T, databaseURL string) *pooler {
	t.Helper()
	p := &pooler{dir: folder(t), port: freePort(t), database: databaseURL}
	p.launch(t)
	return p
}

func (p *pooler) launch(t *testing.T) {
	t.Helper()
	u, err := url.Parse(p.database)
	must(t, err)
	secret, _ := u.User.Password()
	users, config := filepath.Join(p.dir, "users.txt"), filepath.Join(p.dir, "pgbouncer.ini")
	write := func(path, content string) { must(t, os.WriteFile(path, []byte(content), 0o644)) } //nolint:gosec // G306: PgBouncer runs as another user
	write(users, `"`+u.User.Username()+`" "`+secret+`"`)
	write(config, `[databases]
* = host=`+u.Hostname()+` port=`+u.Port()+`
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = `+p.port+`
unix_socket_dir =
auth_type = scram-sha-256
auth_file = `+users+`
pool_mode = transaction
default_pool_size = 5
max_client_conn = 100
; By default PgBouncer refuses all clients for 15 seconds after a failed connection to the server.
server_login_retry = 1
`)
	args := []string{config}
	if os.Geteuid() == 0 { // PgBouncer refuses to run as root
		args = append([]string{"-u", "nobody"}, args...)
	}
	p.process = spawn(t, processOpts{}, programs["pgbouncer"], args...)
	p.await(t, "process up")
}

// url returns the URL of the database through the pooler.
func (p *pooler) url(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(p.database)
	must(t, err)
	u.Host = "127.0.0.1:" + p.port
	return u.String()
}

func TestPgBouncer(t *testing.T) {
	pooled := map[string]string{"DATABASE_POOLER": "transaction"}
	for _, test := range []struct {
		fault  string
		outage func(*testing.T, *cluster, *pooler)
	}{
		{"database restart under load, behind PgBouncer", func(t *testing.T, db *cluster, _ *pooler) {
			t.Helper()
			must(t, db.Stop())
			during(t, 200*time.Millisecond)
			db.start(t)
		}},
		{"PgBouncer restarted under load", func(t *testing.T, _ *cluster, p *pooler) {
			t.Helper()
			p.terminate(t) // immediate shutdown
			<-p.exited
			during(t, 200*time.Millisecond)
			p.launch(t)
		}},
	} {
		t.Run(test.fault, func(t *testing.T) {
			row := report(t, test.fault)
			db := startCluster(t, folder(t)+"/cluster")
			databaseURL := db.database(t, "pooled")
			p := startPooler(t, databaseURL)
			restart(t, row, p.url(t), databaseURL, pooled, func() { test.outage(t, db, p) })
		})
	}
}

// Concurrent refreshes through few server connections: each token gets one successor.
func TestPgBouncerContention(t *testing.T) {
	row := report(t, "60 concurrent sessions through 5 connections of PgBouncer")
	databaseURL := startCluster(t, folder(t)+"/cluster").database(t, "crowded")
	opts := replicaOpts{databaseURL: startPooler(t, databaseURL).url(t), changes: map[string]string{"DATABASE_POOLER": "transaction"}}
	one, two := start(t, opts), start(t, opts)
	b := balance(t, one, two)
	c := newCaller(b.url, &row.count)
	sessions := newSessions(t, c, 60)
	answers := make(chan answer, 2*len(sessions))
	for _, s := range sessions {
		body := `{"refresh_token":"` + s.refresh + `"}`
		for range 2 { // the second request is a retry with the same result
			go func() { answers <- c.call(t.Context(), http.MethodPost, refreshPath, "", body, http.StatusOK) }()
		}
	}
	successors := map[string]bool{}
	for range cap(answers) {
		_, rest, _ := strings.Cut((<-answers).body, `"refresh_token":"`)
		token, _, _ := strings.Cut(rest, `"`)
		successors[token] = true
	}
	if len(successors) != len(sessions) {
		t.Errorf("%d successors of %d tokens, want one each", len(successors), len(sessions))
	}
	pgtest.CheckSessions(t, databaseURL)
	row.saw("%d concurrent refreshes, one successor for each of %d tokens", cap(answers), len(sessions))
	for _, r := range []*replica{one, two} {
		r.stop(t)
	}
}
