package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/devrun"
)

// checkout changes to an empty folder and replaces the settings of the process until the test ends.
func checkout(t *testing.T, environ map[string]string) {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) //nolint:gosec // G302: the database server may run as another user
	t.Chdir(dir)
	cfg, err := config.LoadFrom(map[string]string{
		"ENVIRONMENT": "development", "DATABASE_URL": "postgres://u:p@localhost/d",
		"JWT_SECRET": strings.Repeat("x", 32),
	}, config.Options{})
	must(t, err)
	for _, setting := range cfg.Settings() {
		if strings.HasPrefix(setting.Name, "POSTGRES_") { // which the test server needs
			continue
		}
		t.Setenv(setting.Name, "")
		if value, ok := environ[setting.Name]; ok {
			t.Setenv(setting.Name, value)
		} else {
			must(t, os.Unsetenv(setting.Name)) // an empty variable would hide the one in .env
		}
	}
}

// dev runs the command and returns its exit status and output.
func dev(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	code = run(t.Context(), args, &out, &problems)
	return code, out.String(), problems.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for args, code := range map[string]int{
		"help": 0, "-h": 0, "--help": 0, "nonsense": 2, "exec": 2, "serve now": 2, "config now": 2, "reset now": 2,
		"--port 8000": 2,
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			got, stdout, stderr := dev(t, strings.Fields(args)...)
			if got != code || (code == 0 && (stdout != usage || stderr != "")) ||
				(code != 0 && (stdout != "" || stderr != usage)) {
				t.Errorf("exit status %d\n%s\n%s", got, stdout, stderr)
			}
		})
	}
}

func TestOnlyDevelopment(t *testing.T) { //nolint:paralleltest // the environment is the process's
	for _, environment := range []string{"production", "staging"} {
		databaseURL := pgtest.EmptyURL(t)
		checkout(t, map[string]string{
			"ENVIRONMENT": environment, "DATABASE_URL": "postgres://user:Zq8rT2xV9bN4@127.0.0.1:1/db",
			"CORS_ORIGINS": "https://app.example.com",
		})
		for _, args := range [][]string{nil, {"config"}, {"exec", "touch", "ran"}} {
			code, _, stderr := dev(t, args...)
			if code != 1 || !strings.Contains(stderr, "development only") || !strings.Contains(stderr, environment) {
				t.Errorf("%s %s: exit status %d: %s", environment, args, code, stderr)
			}
		}
		if _, err := os.Stat("ran"); err == nil {
			t.Errorf("%s: the program was run", environment)
		}
		const tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
		if n := pgtest.Value[int](t, databaseURL, tables); n != 0 {
			t.Errorf("%s: the database was migrated", environment)
		}
	}
}

func TestConfigShowsWhatDevelopmentHas(t *testing.T) { //nolint:paralleltest // the environment is the process's
	checkout(t, map[string]string{"DATABASE_URL": pgtest.EmptyURL(t)})
	must(t, os.WriteFile(".env", []byte("APP_NAME=Named in the file\n"), 0o600))
	code, stdout, stderr := dev(t, "config")
	if code != 0 {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	for _, line := range []string{
		"ENVIRONMENT=development", "HOST=127.0.0.1", "APP_NAME=Named in the file",
		"JWT_SECRET=[redacted]", "LOG_FORMAT=text",
	} {
		if !strings.Contains(stdout, line) {
			t.Errorf("it does not say %s:\n%s", line, stdout)
		}
	}
	secret, err := devrun.Secret(secretFile)
	must(t, err)
	if strings.Contains(stdout+stderr, secret) {
		t.Error("the secret is shown")
	}
}

func TestExecHandsTheSettingsOn(t *testing.T) {
	databaseURL := pgtest.EmptyURL(t)
	checkout(t, map[string]string{"DATABASE_URL": databaseURL})
	t.Setenv("OF_THE_SHELL", "kept")
	code, _, stderr := dev(t, "exec", "sh", "-c",
		`printf '%s\n' "$DATABASE_URL" "$JWT_SECRET" "$ENVIRONMENT" "$OF_THE_SHELL" "$1" >seen; exit 3`, "sh", "argument 1")
	if code != 3 {
		t.Fatalf("exit status %d, want that of the program: %s", code, stderr)
	}
	secret, err := devrun.Secret(secretFile)
	must(t, err)
	seen, err := os.ReadFile("seen")
	must(t, err)
	want := strings.Join([]string{databaseURL, secret, "development", "kept", "argument 1", ""}, "\n")
	if string(seen) != want {
		t.Errorf("the program sees\n%s\nwant\n%s", seen, want)
	}
	// The program may be migrate, which could not repair or revert on a migrated database.
	if !pgtest.Value[bool](t, databaseURL, "SELECT to_regclass('schema_migrations') IS NULL AND "+
		"to_regclass('users') IS NULL") {
		t.Error("the database was migrated")
	}
}
