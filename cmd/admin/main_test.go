package main

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// bench is the command on its own database.
type bench struct {
	databaseURL string
	store       *pgstore.Store
	services    domain.Services
}

// newBench replaces the settings of the process until the test ends.
func newBench(t *testing.T, databaseURL string) *bench {
	t.Helper()
	environ := map[string]string{
		"ENVIRONMENT": "development", "DATABASE_URL": databaseURL, "JWT_SECRET": "8f3c1a9e5b7d2046c8e1f3a5b7d92c4e",
		"PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1",
	}
	cfg, err := config.LoadFrom(environ, config.Options{})
	must(t, err)
	t.Chdir(t.TempDir()) // where there is no .env
	for _, setting := range cfg.Settings() {
		if !strings.HasPrefix(setting.Name, "POSTGRES_") { // which the test server needs
			t.Setenv(setting.Name, environ[setting.Name])
		}
	}
	b := &bench{databaseURL: databaseURL, store: pgtest.NewStore(t, databaseURL, pgstore.Options{})}
	b.services, err = app.NewServices(cfg, b.store, nil, nil)
	must(t, err)
	return b
}

// result is the result of a command.
type result struct {
	code           int
	stdout, stderr string
}

func runWith(t *testing.T, stdin io.Reader, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, stdin, &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

func (r result) want(t *testing.T, code int, parts ...string) {
	t.Helper()
	text := r.stdout
	if code != 0 {
		text = r.stderr
	}
	if r.code != code {
		t.Fatalf("exit status %d, want %d; it printed: %s%s", r.code, code, r.stdout, r.stderr)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("it does not print %q, but: %s", part, text)
		}
	}
}

// login fails the test unless an active admin has this e-mail and password.
func (b *bench) login(t *testing.T, email, password string) domain.Tokens {
	t.Helper()
	tokens, err := b.services.Sessions.LoginUser(t.Context(), email, password, domain.Client{})
	must(t, err)
	actor, err := b.services.Sessions.Authenticate(t.Context(), tokens.Access)
	must(t, err)
	if !actor.HasRole(domain.RoleAdmin) {
		t.Errorf("%s is no admin", email)
	}
	return tokens
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for args, code := range map[string]int{
		"help": 0, "-h": 0, "--help": 0, "create -h": 0, "": 2, "nonsense": 2, "create": 2,
		"create a@example.com b@example.com": 2,
		"create --force a@example.com":       2, "create a@example.com --reset-password": 2,
		"create --promote --reset-password a@example.com": 2, "seed now": 2,
		"keys": 2, "keys burn x": 2, "keys generate": 2, "keys generate x y": 2, "keys generate --bits 1 x": 2,
		"keys rotate":                   2,
		"keys rotate --overlap never x": 2, "keys list": 2, "keys list -h": 0,
		// scaffold:begin audit
		"audit": 2, "audit read": 2, "audit prune": 2,
		"audit prune --older-than 365": 2, "audit prune --older-than -1d": 2, "audit prune --older-than 0d": 2,
		"audit prune --older-than 1y": 2, "audit prune --older-than 365d now": 2,
		"audit prune --older-than 99999999d": 2,
		// scaffold:end audit
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			got := runWith(t, strings.NewReader(""), strings.Fields(args)...)
			want := result{code: code, stdout: usage}
			if code != 0 {
				want = result{code: code, stderr: usage}
			}
			if got != want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

//nolint:paralleltest // the environment is the process's
func TestCreateTakesThePasswordFromStandardInput(t *testing.T) {
	for name, stdin := range map[string]string{
		"one line":        "a new and long password\n",
		"of Windows":      "a new and long password\r\n",
		"without its end": "a new and long password",
		"and more lines":  "a new and long password\nwhatever\n",
	} {
		b := newBench(t, pgtest.URL(t))
		got := runWith(t, strings.NewReader(stdin), "create", "Boss@example.com")
		got.want(t, 0, "Boss@example.com: created")
		if strings.Contains(got.stdout+got.stderr, "password") {
			t.Errorf("%s: it prints the password: %s", name, got.stdout)
		}
		b.login(t, "boss@example.com", "a new and long password")
	}
}

func TestCreateGeneratesAPassword(t *testing.T) { //nolint:paralleltest // the environment is the process's
	terminal, err := os.Open(os.DevNull) // a character device, as a terminal is
	must(t, err)
	defer terminal.Close() //nolint:errcheck // nothing was written
	passwords := map[string]bool{}
	for name, stdin := range map[string]io.Reader{
		"no input": strings.NewReader(""), "an empty line": strings.NewReader("\n"), "a terminal": terminal,
	} {
		b := newBench(t, pgtest.URL(t))
		got := runWith(t, stdin, "create", "boss@example.com")
		got.want(t, 0, "boss@example.com: created")
		found := regexp.MustCompile(`(?m)^password: ([A-Z2-7]{26})$`).FindStringSubmatch(got.stdout)
		if len(found) != 2 || strings.Count(got.stdout+got.stderr, found[1]) != 1 {
			t.Fatalf("%s: it does not print a password once: %s", name, got.stdout)
		}
		b.login(t, "boss@example.com", found[1])
		passwords[found[1]] = true
	}
	if len(passwords) != 3 {
		t.Errorf("it generates the same password again: %v", passwords)
	}
}

func TestCreateOnAnExistingAccount(t *testing.T) { //nolint:paralleltest // the environment is the process's
	b := newBench(t, pgtest.URL(t))
	user := pgtest.User(t, b.store, pgtest.UserOpts{Email: "ada@example.com"})
	history := []string{"created ", user.CreatedAt.UTC().Format(time.RFC3339), "last used"}
	refused := append(slices.Clone(history), "exists already", user.ID, "role user, active", "Nothing was changed",
		"--promote", "--reset-password")
	runWith(t, strings.NewReader(""), "create", "ADA@example.com").want(t, 1,
		append(refused, "no session is on record")...)
	_, err := b.services.Sessions.LoginUser(t.Context(), user.Email, pgtest.Password,
		domain.Client{IP: netip.MustParseAddr("192.0.2.66"), UserAgent: "Mozilla/5.0"})
	must(t, err)
	refused = append(refused, ` from 192.0.2.66 by "Mozilla/5.0"`)
	runWith(t, strings.NewReader(""), "create", "ADA@example.com").want(t, 1, append(refused, "never verified")...)
	runWith(t, strings.NewReader("a new and long password\n"), "create", "ADA@example.com").want(t, 1,
		append(refused, "was not used")...)
	runWith(t, strings.NewReader("a new and long password\n"), "create", "--promote", "ADA@example.com").want(t, 1,
		refused...)
	if role := pgtest.Value[string](t, b.databaseURL, "SELECT role FROM users"); role != "user" {
		t.Fatalf("a refused command made the account that of an %s", role)
	}

	got := runWith(t, strings.NewReader(""), "create", "--promote", "ADA@example.com")
	got.want(t, 0, append(history, "ada@example.com: promoted ("+user.ID+")")...)
	before := b.login(t, user.Email, pgtest.Password)

	got = runWith(t, strings.NewReader(""), "create", "ada@example.com")
	got.want(t, 0, "already an admin")
	if strings.Contains(got.stdout, "password:") {
		t.Errorf("it prints a password that was not set: %s", got.stdout)
	}
	b.login(t, user.Email, pgtest.Password)

	got = runWith(t, strings.NewReader("a new and long password\n"), "create", "--reset-password", "ada@example.com")
	got.want(t, 0, "password reset")
	b.login(t, user.Email, "a new and long password")
	if _, err := b.services.Sessions.Authenticate(t.Context(), before.Access); !errors.Is(err, domain.ErrInvalidToken) {
		t.Errorf("a session from before the reset is still open: %v", err)
	}

	got = runWith(t, strings.NewReader(""), "create", "--reset-password", "ada@example.com")
	got.want(t, 0, "password reset", "password: ")
	_, password, _ := strings.Cut(got.stdout, "password: ")
	b.login(t, user.Email, strings.TrimSpace(password))
}

func TestCreateExplainsWhatIsWrong(t *testing.T) { //nolint:paralleltest // the environment is the process's
	b := newBench(t, pgtest.URL(t))
	runWith(t, strings.NewReader(""), "create", "no address").want(t, 1, "email: Must be")
	runWith(t, strings.NewReader("short\n"), "create", "ada@example.com").want(t, 1,
		"password: Must have at least 15 characters.")
	runWith(t, strings.NewReader("password1234567\n"), "create", "ada@example.com").want(t, 1,
		"password: Too easy to guess")
	for _, password := range []string{
		"zebra\tlantern quixotic ferns", "zebra\x1blantern quixotic ferns",
		"zebra\xfflantern quixotic ferns",
	} {
		runWith(t, strings.NewReader(password), "create", "ada@example.com").want(t, 1,
			"password: Must be UTF-8 without control characters")
	}
	runWith(t, strings.NewReader(""), "create", "--promote", "ada@example.com").want(t, 1,
		"ada@example.com: no such account")
	runWith(t, brokenReader{}, "create", "ada@example.com").want(t, 1, "reading the password")
	if n := pgtest.Value[int](t, b.databaseURL, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("%d accounts were created", n)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestSeedCanBeRepeated(t *testing.T) { //nolint:paralleltest // the environment is the process's
	b := newBench(t, pgtest.URL(t))
	runWith(t, nil, "seed").want(t, 0, "admin@example.com: created, password: "+demoPassword,
		"ada@example.com: created",
		"anonymous@example.com: created")
	const everything = "SELECT string_agg(u::text, ';' ORDER BY id) FROM users AS u"
	before := pgtest.Value[string](t, b.databaseURL, everything)
	again := runWith(t, nil, "seed")
	again.want(t, 0, "admin@example.com: exists already, not changed")
	if strings.Contains(again.stdout, demoPassword) { // which need not be that of an existing account
		t.Errorf("it prints a password that it did not set: %s", again.stdout)
	}
	if after := pgtest.Value[string](t, b.databaseURL, everything); after != before {
		t.Errorf("the second time changed something:\n%s\n%s", before, after)
	}

	pgtest.Exec(t, b.databaseURL, "DELETE FROM users WHERE email = 'ada@example.com'")
	runWith(t, nil, "seed").want(t, 0, "admin@example.com: exists already", "ada@example.com: created")
	b.login(t, "admin@example.com", demoPassword)
	roles := pgtest.Value[string](t, b.databaseURL,
		"SELECT string_agg(role || ':' || coalesce(name, '-'), ',' ORDER BY email) FROM users")
	if want := "user:Ada Lovelace,admin:Grace Hopper,user:-"; roles != want {
		t.Errorf("the demo users are %s, want %s", roles, want)
	}
}

func TestSeedRefusesProduction(t *testing.T) { //nolint:paralleltest // the environment is the process's
	b := newBench(t, pgtest.URL(t))
	var stdout bytes.Buffer
	err := seed(t.Context(), b.services.Users, config.Production, &stdout)
	if err == nil || !strings.Contains(err.Error(), "production") || stdout.Len() > 0 {
		t.Errorf("got %v and %q", err, &stdout)
	}
	if n := pgtest.Value[int](t, b.databaseURL, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("%d accounts were created", n)
	}
}

func TestSeedReadsTheEnvironmentFromTheSettings(t *testing.T) {
	b := newBench(t, pgtest.URL(t))
	t.Setenv("ENVIRONMENT", "production")
	t.Setenv("PASSWORD_HASH_MEMORY_KIB", "19456")
	t.Setenv("PASSWORD_HASH_ITERATIONS", "2")
	got := runWith(t, nil, "seed")
	// The password of a given test server may be refused in production, too.
	if got.code != 1 || !strings.Contains(got.stderr, "not in production") &&
		!strings.Contains(got.stderr, "placeholder") {
		t.Errorf("got %+v", got)
	}
	if n := pgtest.Value[int](t, b.databaseURL, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("%d accounts were created", n)
	}
}

func TestUnusableDatabase(t *testing.T) { //nolint:paralleltest // the environment is the process's
	for _, args := range [][]string{{"seed"}, {"create", "ada@example.com"}} {
		newBench(t, pgtest.EmptyURL(t))
		runWith(t, strings.NewReader(""), args...).want(t, 1, "migrate up")
		newBench(t, "postgres://user:hunter2-canary@127.0.0.1:1/db")
		got := runWith(t, strings.NewReader(""), args...)
		got.want(t, 1, "cannot reach the database server")
		if strings.Contains(got.stderr, "canary") {
			t.Errorf("the password is shown: %s", got.stderr)
		}
		t.Setenv("JWT_SECRET", "short-canary")
		t.Setenv("DATABASE_URL", "")
		got = runWith(t, strings.NewReader(""), args...)
		got.want(t, 1, "JWT_SECRET", "DATABASE_URL")
		if strings.Contains(got.stderr, "canary") {
			t.Errorf("the secret is shown: %s", got.stderr)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
