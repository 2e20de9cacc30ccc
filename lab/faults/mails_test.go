//go:build faults

package faults_test

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/smtptest"
)

// Each registration enqueues a job, which sends a mail with a link.

func newMailServer(t *testing.T) *smtptest.Server {
	t.Helper()
	return smtptest.New(t, smtptest.Options{NoTLS: true})
}

// mailing are the settings of a replica that sends mails to a server.
func mailing(server *smtptest.Server) map[string]string {
	return map[string]string{"MAIL_URL": server.URL()}
}

// register creates n accounts, and returns the time of the slowest.
func register(t *testing.T, c *caller, n int, wanted ...int) (slowest time.Duration) {
	t.Helper()
	for range n {
		a := c.call(t.Context(), http.MethodPost, registerPath, "", credentials(newEmail()), wanted...)
		slowest = max(slowest, a.took)
	}
	return slowest
}

// hasten makes processes that were killed look dead for long, and retries of jobs due.
const hasten = `DO $$ BEGIN
	UPDATE river_job SET attempted_at = attempted_at - interval '2 minutes' WHERE state = 'running';
	UPDATE river_job SET scheduled_at = now() WHERE state = 'retryable';
	DELETE FROM river_leader; END $$`

var mailedToken = regexp.MustCompile(`#token=(\S+)`)

// wantMails waits until all jobs are done, and checks that each account got a mail, that no mail is
// for a transaction that was rolled back, and that the link of the last mail works. It returns the
// number of accounts, and of mails beyond the first one of each.
func wantMails(t *testing.T, databaseURL string, received func() []smtptest.Mail, c *caller) (accounts, repeated int) {
	t.Helper()
	const waiting = "FROM river_job WHERE state <> 'completed'"
	for begin := time.Now(); pgtest.Value[int](t, databaseURL, "SELECT count(*) "+waiting) > 0; during(t, 20*time.Millisecond) {
		if time.Since(begin) > patience {
			t.Fatalf("jobs are not done: %v", pgtest.Value[[]string](t, databaseURL,
				"SELECT array_agg(state || ' ' || attempt || coalesce(' ' || errors[1]::text, '')) "+waiting))
		}
	}
	last := map[string]string{} // token by address
	mails := received()
	for _, mail := range mails {
		last[mail.To] = mailedToken.FindStringSubmatch(mail.Text)[1]
	}
	emails := pgtest.Rows[struct{ Email string }](t, databaseURL, "SELECT email FROM users")
	for _, account := range emails {
		if last[account.Email] == "" {
			t.Errorf("no mail arrived at %s", account.Email)
			continue
		}
		c.call(t.Context(), http.MethodPost, verifyPath, "", `{"token":"`+last[account.Email]+`"}`, http.StatusNoContent)
		delete(last, account.Email)
	}
	if len(last) > 0 {
		t.Errorf("%d mails are for transactions that were rolled back", len(last))
	}
	wantNone(t, databaseURL, "accounts are not verified", "users WHERE email_verified_at IS NULL")
	wantNone(t, databaseURL, "jobs have no account", "river_job WHERE args ->> 'UserID' NOT IN (SELECT id FROM users)")
	wantNone(t, databaseURL, "used tokens are left", "one_time_tokens")
	pgtest.CheckSessions(t, databaseURL)
	return len(emails), len(mails) - len(emails)
}

func wantNone(t *testing.T, databaseURL, what, rows string) {
	t.Helper()
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM "+rows); n > 0 {
		t.Errorf("%d %s", n, what)
	}
}

func TestMailServerFaults(t *testing.T) { //nolint:tparallel // no other test runs beside it
	const accounts = 20
	for _, test := range []struct {
		fault string
		smtptest.Fault
	}{
		{"mail server slow", smtptest.Fault{Stage: smtptest.Data, Delay: time.Second}},
		{"mail server replies 4xx", smtptest.Fault{Stage: smtptest.RcptTo, Code: 451}},
		{"mail server hangs up after DATA", smtptest.Fault{Stage: smtptest.Data, HangUp: true}},
		{"mail server down", smtptest.Fault{}},
	} {
		t.Run(test.fault, func(t *testing.T) {
			row := report(t, test.fault)
			t.Parallel()
			databaseURL, server := pgtest.URL(t), newMailServer(t)
			r := start(t, replicaOpts{databaseURL: databaseURL, changes: mailing(server)})
			c := newCaller(r.url, &row.count)
			isDown := test.Fault == smtptest.Fault{}
			server.Fail(test.Fault)
			if isDown {
				server.Close()
			}
			slowest := register(t, c, accounts, http.StatusCreated)
			if isDown {
				r.await(t, "job failed, it runs again")
				server = smtptest.New(t, smtptest.Options{NoTLS: true, Address: server.Address()})
			} else {
				server.AwaitFault(t)
				if test.Delay == 0 { // else the fault lasts until all mails have arrived
					server.Fail(smtptest.Fault{})
				}
			}
			arrived, repeated := wantMails(t, databaseURL, server.Mails, c)
			if arrived != accounts {
				t.Errorf("%d accounts, want %d", arrived, accounts)
			}
			row.saw("%d mails arrived, %d of them again; slowest registration %d ms", arrived, repeated, slowest.Milliseconds())
			r.stop(t)
		})
	}
}

// TestMailRejected checks that a mail that no retry can deliver is kept as failed, and logged and
// counted.
func TestMailRejected(t *testing.T) {
	row := report(t, "mail server replies 5xx to a recipient")
	databaseURL, server := pgtest.URL(t), newMailServer(t)
	server.Fail(smtptest.Fault{Stage: smtptest.RcptTo, Code: 550})
	settings := mailing(server)
	settings["METRICS_ADDR"] = "127.0.0.1:" + freePort(t)
	r := start(t, replicaOpts{databaseURL: databaseURL, changes: settings})
	c := newCaller(r.url, &row.count)
	s := newSession(t, c)
	pgtest.Await(t, databaseURL, "SELECT count(*) = 1 FROM river_job WHERE state = 'cancelled' AND errors[1] ->> 'error' LIKE '%550%'")
	r.await(t, "job rejected, it does not run again")
	if log := r.output.String(); strings.Contains(log, s.email) || !strings.Contains(log, "550") {
		t.Errorf("the log has the address, or lacks the reply:\n%s", log)
	}
	metrics := newCaller("http://"+settings["METRICS_ADDR"], &tally{}).send(t.Context(), http.MethodGet, "/metrics", "", "")
	const counted = `mails_total{outcome="rejected",template="verification"} 1`
	if !strings.Contains(metrics.body, counted) {
		t.Errorf("the metrics lack %s", counted)
	}

	server.Fail(smtptest.Fault{})
	c.call(t.Context(), http.MethodPost, resendPath, s.access, "", http.StatusAccepted)
	server.Await(t, s.email)
	kept := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM river_job WHERE state = 'cancelled' AND attempt = 1")
	if kept != 1 {
		t.Errorf("%d jobs are kept as failed, want 1", kept)
	}
	row.saw("kept as failed after one attempt, logged and counted; the next mail arrived")
	r.stop(t)
}

// Servers without workers are killed at the commit, before it or after it; those with workers are
// killed while the mail server has the recipient, or the whole mail.
func TestKillBetweenCommitAndSend(t *testing.T) {
	row := report(t, "kill -9 before the commit of a registration, and between it and the end of its mail")
	databaseURL, server := pgtest.URL(t), newMailServer(t)
	w := newWire(t, databaseURL)
	opts := replicaOpts{databaseURL: w.url, port: freePort(t), changes: mailing(server)}
	send := func(r *replica) answer {
		return newCaller(r.url, &tally{}).send(t.Context(), http.MethodPost, registerPath, "", credentials(newEmail()))
	}
	const before, after, inJob = 5, 10, 10
	opts.changes["JOBS"] = "off"
	for i := range before + after {
		r := start(t, opts)
		killed := w.cutAt("commit", i >= before, r.kill)
		send(r)
		<-killed
	}
	delete(opts.changes, "JOBS")
	for i := range inJob {
		r := start(t, opts)
		stage := smtptest.RcptTo
		if i%2 == 1 {
			stage = smtptest.Data
		}
		server.Fail(smtptest.Fault{Stage: stage, Hang: true})
		if a := send(r); a.status != http.StatusCreated {
			t.Fatalf("registering: %d %v %s", a.status, a.err, a.body)
		}
		server.AwaitFault(t)
		r.kill()
	}
	server.Fail(smtptest.Fault{})
	pgtest.Exec(t, databaseURL, hasten)
	r := start(t, opts)
	accounts, repeated := wantMails(t, databaseURL, server.Mails, newCaller(r.url, &row.count))
	if accounts != after+inJob {
		t.Errorf("%d transactions were committed, want %d", accounts, after+inJob)
	}
	row.saw("%d kills before the commit: no mail; %d after it: each mail arrived, %d of them again", before, accounts, repeated)
	r.stop(t)
}

func TestWorkerKilledDuringJob(t *testing.T) {
	row := report(t, "kill -9 of a worker during a job")
	databaseURL, server := pgtest.URL(t), newMailServer(t)
	server.Fail(smtptest.Fault{Stage: smtptest.Data, Hang: true})
	opts := replicaOpts{databaseURL: databaseURL, port: freePort(t), changes: mailing(server)}
	opts.changes["JOBS"] = "off"
	r := start(t, opts)
	worker := spawn(t, opts.process(), programs["worker"])
	c := newCaller(r.url, &row.count)
	register(t, c, 1, http.StatusCreated)
	server.AwaitFault(t)
	worker.kill()
	server.Fail(smtptest.Fault{})
	pgtest.Exec(t, databaseURL, hasten)
	begin := time.Now()
	worker = spawn(t, opts.process(), programs["worker"])
	_, repeated := wantMails(t, databaseURL, server.Mails, c)
	if repeated != 1 {
		t.Errorf("the mail was sent again %d times, want once", repeated)
	}
	row.saw("another worker ran it again, %.0f s after it counted as dead", time.Since(begin).Seconds())
	worker.stop(t)
	r.stop(t)
}

func TestDatabaseRestartDuringJobs(t *testing.T) {
	row := report(t, "database restart while two servers run jobs")
	server, db := newMailServer(t), startCluster(t, folder(t)+"/cluster")
	server.Fail(smtptest.Fault{Stage: smtptest.Data, Delay: 100 * time.Millisecond})
	databaseURL := db.database(t, "jobs")
	opts := replicaOpts{databaseURL: databaseURL, changes: mailing(server)}
	one, two := start(t, opts), start(t, opts)
	c := newCaller(balance(t, one, two).url, &row.count)
	registerMany := func() {
		var people sync.WaitGroup
		for range 4 {
			people.Go(func() { register(t, c, 20, http.StatusCreated, http.StatusServiceUnavailable) })
		}
		people.Wait()
	}
	registerMany()
	restarted := make(chan struct{})
	go func() {
		defer close(restarted)
		must(t, db.Stop())
		db.start(t)
	}()
	registerMany()
	<-restarted
	registerMany()
	pgtest.Exec(t, databaseURL, hasten)
	accounts, repeated := wantMails(t, databaseURL, server.Mails, c)
	row.saw("%d registrations, each mail arrived, %d of them again", accounts, repeated)
	for _, r := range []*replica{one, two} {
		r.stop(t)
	}
}
