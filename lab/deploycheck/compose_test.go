package deploycheck_test

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// loadCompose loads and validates compose.yaml as docker compose does. environ is both the
// environment and .env.
func loadCompose(t *testing.T, environ map[string]string) *types.Project {
	t.Helper()
	folder := t.TempDir()
	text, err := os.ReadFile("../../compose.yaml")
	must(t, err)
	file := filepath.Join(folder, "compose.yaml")
	must(t, os.WriteFile(file, text, 0o600)) //nolint:gosec // G703: a temporary folder
	var dotEnv strings.Builder
	for name, value := range environ {
		dotEnv.WriteString(name + "=" + value + "\n")
	}
	must(t, os.WriteFile(filepath.Join(folder, ".env"), []byte(dotEnv.String()), 0o600))
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir: folder, ConfigFiles: types.ToConfigFiles([]string{file}), Environment: environ,
	})
	must(t, err)
	project, err = project.WithServicesEnvironmentResolved(true)
	must(t, err)
	return project
}

// container returns the environment of a service, including the image's variables.
func container(t *testing.T, project *types.Project, service string) map[string]string {
	t.Helper()
	environ := maps.Clone(imageEnv)
	for name, value := range project.Services[service].Environment {
		environ[name] = *value
	}
	return environ
}

// composeEnv has the settings that the head of compose.yaml requires outside of development.
var composeEnv = map[string]string{
	"ENVIRONMENT":              "staging",
	"JWT_SECRET":               secrets["JWT_SECRET"],
	"POSTGRES_PASSWORD":        "t5Rk9pLz@/#%+==", // a possible output of openssl rand -base64
	"POSTGRES_SERVER_PASSWORD": "v8Qd2mXw@/#%+==",
	"MIGRATE_DATABASE_URL":     secrets["MIGRATE_DATABASE_URL"],
	"MAIL_URL":                 "",
}

// Without settings the server starts in development, with them in their environment.
func TestComposeStartsTheServer(t *testing.T) {
	t.Parallel()
	for name, environ := range map[string]map[string]string{"development": nil, "staging": composeEnv} {
		out, err := run(t, container(t, loadCompose(t, environ), "api"), "server", "config")
		if err != nil || !strings.Contains(out, "ENVIRONMENT="+name) {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
	environ := maps.Clone(composeEnv)
	delete(environ, "POSTGRES_SERVER_PASSWORD")
	if out, err := run(t, container(t, loadCompose(t, environ), "api"), "server", "config"); err == nil {
		t.Errorf("the server starts in staging with the default password: %s", out)
	}
}

// A compromised server must not be able to change the audit log: it has no access to the role that
// owns it.
func TestComposeHasTwoRoles(t *testing.T) {
	t.Parallel()
	project := loadCompose(t, composeEnv)
	server, migrate := container(t, project, "api"), container(t, project, "migrate")
	postgres := container(t, project, "postgres")
	for name, value := range server {
		if strings.Contains(value, composeEnv["POSTGRES_PASSWORD"]) ||
			strings.Contains(value, secrets["MIGRATE_DATABASE_URL"]) {
			t.Errorf("the server gets %s=%s", name, value)
		}
	}
	serves, owns := account(t, server["DATABASE_URL"]), account(t, migrate["MIGRATE_DATABASE_URL"])
	if migrate["PGPASSWORD"] != postgres["POSTGRES_PASSWORD"] ||
		server["PGPASSWORD"] != postgres["POSTGRES_SERVER_PASSWORD"] {
		t.Error("the roles connect with wrong passwords")
	}
	if superuser := postgres["POSTGRES_USER"]; superuser != "" {
		t.Errorf("the superuser is the role %s, want a separate one", superuser)
	}
	if migrate["DATABASE_URL"] != server["DATABASE_URL"] {
		t.Error("migrations grant privileges to another role than the server's")
	}
	roles, err := os.ReadFile("../../deploy/postgres/roles.sql") // cmd/migrate tests its effects
	must(t, err)
	for _, name := range []string{serves, owns} {
		if !strings.Contains(string(roles), "CREATE ROLE "+name+" ") {
			t.Errorf("roles.sql does not create the role %s", name)
		}
	}
	mounted := false
	for _, volume := range project.Services["postgres"].Volumes {
		mounted = mounted || volume.ReadOnly && filepath.Base(volume.Source) == "postgres" &&
			volume.Target == "/docker-entrypoint-initdb.d"
	}
	if !mounted {
		t.Error("deploy/postgres is not mounted at docker-entrypoint-initdb.d")
	}
}

// account returns the user name and password in a URL.
func account(t *testing.T, text string) string {
	t.Helper()
	parsed, err := url.Parse(text)
	must(t, err)
	return parsed.User.String()
}
