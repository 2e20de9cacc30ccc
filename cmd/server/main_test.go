package main

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/servertest"
)

// asCommand makes the test binary run as the command, for tests that need a process of their own.
const asCommand = "TEST_BINARY_IS_THE_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	m.Run()
}

const secret = "8f3c1a9e5b7d2046c8e1f3a5b7d92c4e"

// environment returns settings to serve on a free port.
func environment(databaseURL string) map[string]string {
	return map[string]string{
		"ENVIRONMENT":    "development",
		"PORT":           "0",
		"DATABASE_URL":   databaseURL,
		"JWT_SECRET":     secret,
		"SHUTDOWN_DELAY": "0s",
	}
}

// setEnvironment replaces all settings of the process until the test ends.
func setEnvironment(t *testing.T, environ map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir()) // without a .env
	for _, name := range settingNames(t) {
		t.Setenv(name, environ[name])
	}
}

func settingNames(t *testing.T) []string {
	t.Helper()
	cfg, err := config.LoadFrom(environment("postgres://u:p@localhost/d"), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, setting := range cfg.Settings() {
		if !strings.HasPrefix(setting.Name, "POSTGRES_") { // which the test server needs
			names = append(names, setting.Name)
		}
	}
	return names
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"help", 0, usage, ""},
		{"-h", 0, usage, ""},
		{"--help", 0, usage, ""},
		{"version", 0, app.Version() + "\n", ""},
		{"nonsense", 2, "", usage},
		{"--port 8000", 2, "", usage},
		{"serve now", 2, "", usage},
		{"version please", 2, "", usage},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), strings.Fields(test.args), &stdout, &stderr)
			if code != test.code || stdout.String() != test.stdout || stderr.String() != test.stderr {
				t.Errorf("exit status %d\n%s\n%s", code, &stdout, &stderr)
			}
		})
	}
}

func TestConfigPrintsNoSecret(t *testing.T) { //nolint:paralleltest // the environment is the process's
	environ := environment("postgres://user:hunter2-canary@localhost/db")
	environ["REDIS_URL"] = "redis://:redis-canary@localhost/0"
	environ["SENTRY_DSN"] = "https://sentry-canary@localhost/1"
	setEnvironment(t, environ)
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"config"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit status %d: %s", code, &stderr)
	}
	for _, name := range settingNames(t) {
		if !strings.Contains(stdout.String(), name+"=") {
			t.Errorf("%s is not shown", name)
		}
	}
	if !strings.Contains(stdout.String(), "JWT_SECRET=[redacted]") ||
		!strings.Contains(stdout.String(), "user:[redacted]@localhost/db") {
		t.Errorf("set values are not shown:\n%s", &stdout)
	}
	for _, canary := range []string{secret, "hunter2", "redis-canary", "sentry-canary"} {
		if strings.Contains(stdout.String()+stderr.String(), canary) {
			t.Errorf("%s is shown", canary)
		}
	}
}

func TestInvalidConfigurationIsReported(t *testing.T) { //nolint:paralleltest // the environment is the process's
	environ := environment("mysql://user:hunter2-canary@localhost/db")
	environ["JWT_SECRET"], environ["PORT"], environ["DEBUG"] = "short-canary", "eighty", "perhaps"
	setEnvironment(t, environ)
	for _, args := range [][]string{nil, {"serve"}, {"config"}, {"healthcheck"}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != 1 || stdout.Len() > 0 {
			t.Errorf("%s: exit status %d, standard output %q", args, code, &stdout)
		}
		for _, name := range []string{"JWT_SECRET", "PORT", "DEBUG", "DATABASE_URL"} {
			if !strings.Contains(stderr.String(), name) {
				t.Errorf("%s: %s is not reported:\n%s", args, name, &stderr)
			}
		}
		if strings.Contains(stderr.String(), "canary") {
			t.Errorf("%s: a secret is shown:\n%s", args, &stderr)
		}
	}
}

func TestServeRefusesOldSchema(t *testing.T) { //nolint:paralleltest // the environment is the process's
	setEnvironment(t, environment(pgtest.EmptyURL(t)))
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), nil, &stdout, &stderr); code != 1 || !strings.Contains(stderr.String(), "migrate up") {
		t.Errorf("exit status %d: %s", code, &stderr)
	}
}

func portOf(t *testing.T, rawURL string) string {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port()
}

func TestSignals(t *testing.T) {
	t.Parallel()
	t.Run("the first signal stops gracefully", func(t *testing.T) {
		t.Parallel()
		process := startProcess(t, environment(pgtest.URL(t)))
		process.log.Await(t, "ready")
		process.signal(t, syscall.SIGTERM)
		if err := process.Wait(); err != nil {
			t.Errorf("%v:\n%s", err, process.log)
		}
		if !strings.Contains(process.log.String(), `"msg":"stopped"`) {
			t.Errorf("it did not stop gracefully:\n%s", process.log)
		}
	})
	t.Run("repeated hang-ups stop gracefully", func(t *testing.T) {
		t.Parallel()
		// Under nohup a child would ignore SIGHUP too. A signal that this process handles has its
		// default action there.
		hangups := make(chan os.Signal, 1)
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
		environ := environment(pgtest.URL(t))
		environ["SHUTDOWN_DELAY"] = "300ms"
		process := startProcess(t, environ)
		process.log.Await(t, "ready")
		process.signal(t, syscall.SIGHUP)
		process.log.Await(t, "draining")
		process.signal(t, syscall.SIGHUP)
		if err := process.Wait(); err != nil {
			t.Errorf("%v:\n%s", err, process.log)
		}
	})
	t.Run("the second signal ends the process", func(t *testing.T) {
		t.Parallel()
		environ := environment(pgtest.URL(t))
		environ["SHUTDOWN_DELAY"] = "5m"
		process := startProcess(t, environ)
		process.log.Await(t, "ready")
		process.signal(t, syscall.SIGTERM)
		process.log.Await(t, "draining")
		process.signal(t, syscall.SIGTERM)
		_ = process.Wait()
		status, ok := process.ProcessState.Sys().(syscall.WaitStatus)
		if !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM {
			t.Errorf("it ended with %s:\n%s", process.ProcessState, process.log)
		}
	})
}

// process is the running command with its standard error.
type process struct {
	*exec.Cmd

	log *servertest.Log
}

func startProcess(t *testing.T, environ map[string]string) *process {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	t.Cleanup(cancel)
	p := &process{Cmd: exec.CommandContext(ctx, binary), log: servertest.NewLog()}
	p.Dir, p.Stderr = t.TempDir(), p.log
	p.Env = []string{asCommand + "=1"}
	for name, value := range environ {
		p.Env = append(p.Env, name+"="+value)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *process) signal(t *testing.T, sent os.Signal) {
	t.Helper()
	if err := p.Process.Signal(sent); err != nil {
		t.Fatal(err)
	}
}

func TestHealthcheckOfAProcess(t *testing.T) { //nolint:paralleltest // the environment is the process's
	environ := environment(pgtest.URL(t))
	environ["HOST"], environ["PORT"] = "127.0.0.1", portOf(t, "http://"+servertest.UnusedAddress(t))
	process := startProcess(t, environ)
	process.log.Await(t, "listening")
	setEnvironment(t, environ)
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"healthcheck"}, &stdout, &stderr); code != 0 {
		t.Errorf("exit status %d: %s", code, &stderr)
	}
	process.signal(t, os.Interrupt)
	if err := process.Wait(); err != nil {
		t.Errorf("%v:\n%s", err, process.log)
	}
	if code := run(t.Context(), []string{"healthcheck"}, &stdout, &stderr); code != 1 || stderr.Len() == 0 {
		t.Errorf("exit status %d without a server: %s", code, &stderr)
	}
}
