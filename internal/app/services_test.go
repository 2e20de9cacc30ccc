package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

// keyFile writes a new key set to a file and returns its path.
func keyFile(t *testing.T, algorithm string) string {
	t.Helper()
	keys, err := auth.GenerateKeySet(algorithm)
	must(t, err)
	content, err := keys.PrivateJWKS()
	must(t, err)
	return writeFile(t, content)
}

func writeFile(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	must(t, os.WriteFile(path, content, 0o600))
	return path
}

func TestServicesSignWithEachAlgorithm(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{auth.AlgorithmHS256, "EdDSA", "ES256", "RS256"} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			databaseURL := pgtest.URL(t)
			store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
			var changes map[string]string
			if algorithm != auth.AlgorithmHS256 {
				changes = map[string]string{
					"JWT_ALGORITHM": algorithm,
					"JWT_SECRET":    "",
					"JWT_KEYS_FILE": keyFile(t, algorithm),
				}
			}
			services, err := app.NewServices(settings(t, databaseURL, changes), store, nil, nil)
			must(t, err)
			user := pgtest.User(t, store, pgtest.UserOpts{})
			tokens, err := services.Sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
			must(t, err)
			actor, err := services.Sessions.Authenticate(t.Context(), tokens.Access)
			if err != nil || actor.User.ID != user.ID {
				t.Errorf("the access token is for %+v, %v", actor, err)
			}
		})
	}
}

func TestServicesUseSettings(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	services, err := app.NewServices(settings(t, databaseURL, map[string]string{
		"APP_NAME":                    "Brobdingnag",
		"MAX_SESSIONS_PER_USER":       "1",
		"SESSION_EXPIRE_DAYS":         "3",
		"REFRESH_TOKEN_EXPIRE_DAYS":   "2",
		"ACCESS_TOKEN_EXPIRE_MINUTES": "7",
		"REFRESH_GRACE_SECONDS":       "0",
		"PASSWORD_HASH_MEMORY_KIB":    "72",
	}), store, nil, nil)
	must(t, err)
	_, err = services.Users.CreateUser(t.Context(), "b@example.com", "brobdingnag1", nil, domain.RoleUser)
	if err == nil {
		t.Error("the service's name is accepted as a password")
	}
	user, err := services.Users.CreateUser(t.Context(), "ada@example.com", pgtest.Password, nil, domain.RoleUser)
	must(t, err)
	if !strings.HasPrefix(user.PasswordHash, "$argon2id$v=19$m=72,t=1,p=1$") {
		t.Errorf("the password hash is %s", user.PasswordHash)
	}
	var tokens domain.Tokens
	for range 2 {
		tokens, err = services.Sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
		must(t, err)
	}
	if minutes := tokens.ExpiresIn.Minutes(); minutes != 7 {
		t.Errorf("an access token lives %v minutes", minutes)
	}
	_, err = services.Sessions.RefreshTokens(t.Context(), tokens.Refresh.Reveal(), domain.Client{})
	must(t, err)
	for what, test := range map[string]struct {
		query string
		want  int
	}{
		"live sessions":               {"SELECT count(*) FROM sessions WHERE revoked_at IS NULL", 1},
		"days of a session":           {"SELECT extract(day FROM max(expires_at - created_at))::int FROM sessions", 3},
		"days of a refresh token":     {"SELECT extract(day FROM max(expires_at - created_at))::int FROM refresh_tokens", 2},
		"successors kept for a retry": {"SELECT count(sealed_successor) FROM refresh_tokens", 0},
	} {
		if got := pgtest.Value[int](t, databaseURL, test.query); got != test.want {
			t.Errorf("%s: %d, want %d", what, got, test.want)
		}
	}
}

func TestInvalidKeyFiles(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path string
		want []string
	}{
		"missing":                   {filepath.Join(t.TempDir(), "missing.json"), []string{"JWT_KEYS_FILE", "missing.json"}},
		"a folder":                  {t.TempDir(), []string{"JWT_KEYS_FILE"}},
		"empty":                     {writeFile(t, nil), []string{"JWT_KEYS_FILE"}},
		"no keys":                   {writeFile(t, []byte(`{"keys":[]}`)), []string{"JWT_KEYS_FILE", "sign"}},
		"keys of another algorithm": {keyFile(t, "EdDSA"), []string{"JWT_ALGORITHM", "ES256", "EdDSA"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := settings(t, "postgres://u:p@localhost/d", map[string]string{
				"JWT_ALGORITHM": "ES256", "JWT_SECRET": "", "JWT_KEYS_FILE": test.path,
			})
			_, err := app.NewServices(cfg, nil, nil, nil)
			for _, part := range test.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("got %v, want an error about %s", err, part)
				}
			}
		})
	}
}
