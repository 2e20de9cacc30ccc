package deploycheck_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// secrets are values for what the manifests take from Secrets. They are of this test only.
var secrets = map[string]string{
	"DATABASE_URL":         "postgres://app:v8Qd2mXw@pgbouncer.internal:6432/app?sslmode=verify-full",
	"MIGRATE_DATABASE_URL": "postgres://owner:t5Rk9pLz@postgres.internal:5432/app?sslmode=verify-full",
	"REDIS_URL":            "rediss://:h3Wn7cYb@redis.internal:6379/0",
	"JWT_SECRET":           "e2b9417c60d85fa3917be4c05a2d86f314c7b09ed5a8f263",
	"SENTRY_DSN":           "https://k4Jm@o1.ingest.sentry.io/1",
}

// ofTheImage are settings that the Dockerfile makes.
var ofTheImage = map[string]string{"HOST": "0.0.0.0"}

// ofGo are variables that the runtime of Go reads.
var ofGo = map[string]bool{"GOMEMLIMIT": true}

// environment returns the variables of a container, and fails for those that no program of ours reads.
func environment(t *testing.T, m *manifests, container corev1.Container) map[string]string {
	t.Helper()
	environ := maps.Clone(ofTheImage)
	for _, source := range container.EnvFrom {
		settings := m.configMaps[source.ConfigMapRef.Name]
		if settings == nil {
			t.Fatalf("settings come from the ConfigMap %q, which does not exist", source.ConfigMapRef.Name)
		}
		maps.Copy(environ, settings.Data)
	}
	for _, variable := range container.Env {
		value := variable.Value
		if from := variable.ValueFrom; from != nil {
			if from.SecretKeyRef == nil || from.SecretKeyRef.Key != variable.Name {
				t.Errorf("%s comes from elsewhere than a Secret's key of that name", variable.Name)
			}
			value = secrets[variable.Name]
		}
		environ[variable.Name] = value
	}
	known, err := os.ReadFile("../../.env.example") // which has all settings; internal/config sees to that
	must(t, err)
	for name := range environ {
		if !strings.Contains(string(known), "\n#"+name+"=") && !ofGo[name] {
			t.Errorf("%s is no setting", name)
		}
	}
	return environ
}

// program returns the path of a program of ours, built once.
func program(t *testing.T, name string) string {
	t.Helper()
	folder, err := programs()
	must(t, err)
	return filepath.Join(folder, name)
}

// programs builds them, rather than that this module takes on all that they need.
var programs = sync.OnceValues(func() (string, error) {
	folder, err := filepath.Abs("../../bin/deploycheck")
	if err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-C", "../..", "-buildvcs=false", "-o", folder+"/", "./cmd/server", "./cmd/migrate").CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return folder, nil
})

// run runs a program with an environment and nothing else.
func run(t *testing.T, environ map[string]string, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program(t, name), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = []string{}
	for variable, value := range environ {
		cmd.Env = append(cmd.Env, variable+"="+value)
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// settings are what the server makes of what its container gets, secrets redacted.
func settings(t *testing.T, m *manifests) map[string]string {
	t.Helper()
	out, err := run(t, environment(t, m, m.server(t).Spec.Template.Spec.Containers[0]), "server", "config")
	if err != nil {
		t.Fatalf("the server does not take these settings: %s", out)
	}
	effective := map[string]string{}
	for line := range strings.Lines(out) {
		setting, _, _ := strings.Cut(line, " # ")
		name, value, _ := strings.Cut(setting, "=")
		effective[name] = strings.TrimSpace(value)
	}
	return effective
}

func delay(t *testing.T, effective map[string]string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(effective["SHUTDOWN_DELAY"])
	must(t, err)
	return d
}

// The server starts with what it gets: the settings are those of a service in production, without a problem.
func TestSettingsOfTheServer(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	container := m.server(t).Spec.Template.Spec.Containers[0]
	effective := settings(t, m)
	if effective["ENVIRONMENT"] != "production" || effective["MIGRATE_DATABASE_URL"] != "" {
		t.Errorf("the server runs in %s, and has the database role of migrations: %q", effective["ENVIRONMENT"], effective["MIGRATE_DATABASE_URL"])
	}
	listening := []string{":" + effective["PORT"], effective["METRICS_ADDR"]}
	for i, port := range container.Ports {
		if listening[i] != fmt.Sprintf(":%d", port.ContainerPort) {
			t.Errorf("the server listens on %s where the container shows %+v", listening[i], port)
		}
	}
	// A readiness probe may fail at the end of its period only; the load balancer is to have heard of it by then.
	probe := container.ReadinessProbe
	if d := delay(t, effective); d.Seconds() < float64(probe.PeriodSeconds*probe.FailureThreshold) {
		t.Errorf("SHUTDOWN_DELAY is %s, but the readiness probe takes longer to fail", d)
	}
}

// Migrations get as far as the database, which is not there.
func TestSettingsOfMigrations(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	environ := environment(t, m, m.migrate(t).Spec.Template.Spec.Containers[0])
	if environ["MIGRATE_DATABASE_URL"] == "" || environ["JWT_SECRET"] != "" {
		t.Error("migrations want the URL of the database, and no key")
	}
	environ["MIGRATE_DATABASE_URL"] = "postgres://owner:t5Rk9pLz@127.0.0.1:1/app"
	if out, err := run(t, environ, "migrate", "status"); err == nil || !strings.Contains(out, "cannot reach the database server") {
		t.Errorf("%v: %s", err, out)
	}
}

// The server's drain, which comes after SHUTDOWN_DELAY, is internal/app's to know; its tests read the same file.
func TestGraceIsLongerThanTheDelay(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	d := delay(t, settings(t, m))
	if grace := *m.server(t).Spec.Template.Spec.TerminationGracePeriodSeconds; float64(grace) <= d.Seconds() {
		t.Errorf("Kubernetes kills after %d s, SHUTDOWN_DELAY is %s", grace, d)
	}
}

// defaultConnections are those that a PostgreSQL without settings has for ordinary roles: max_connections less
// superuser_reserved_connections, and one each for cmd/migrate and cmd/admin.
const defaultConnections = 100 - 3 - 2

// docs/scaling.md has this sum.
func TestReplicasFitTheDatabase(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	most := int(only(t, m.horizontalPodAutoscaler).Spec.MaxReplicas)
	surge, err := intstr.GetScaledValueFromIntOrPercent(m.server(t).Spec.Strategy.RollingUpdate.MaxSurge, most, true)
	must(t, err)
	effective := settings(t, m)
	each := 0
	for _, name := range []string{"DATABASE_POOL_SIZE", "DATABASE_MAX_OVERFLOW"} {
		n, err := strconv.Atoi(effective[name])
		must(t, err)
		each += n
	}
	if connections := (most + surge) * each; effective["DATABASE_POOLER"] == "none" && connections > defaultConnections {
		t.Errorf("(%d + %d) replicas with %d connections each are %d, and PostgreSQL has %d", most, surge, each, connections, defaultConnections)
	}
}

// withSigningKeys returns the overlay of production with the component that it has as a comment.
func withSigningKeys(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS(kubernetes)))
	file := filepath.Join(folder, "overlays", "production", "kustomization.yaml")
	text, err := os.ReadFile(file)
	must(t, err)
	changed := strings.NewReplacer("# components: #", "components: #", "#   - ../../components", "  - ../../components").Replace(string(text))
	must(t, os.WriteFile(file, []byte(changed), 0o600)) //nolint:gosec // G703: in the folder of the test
	return filepath.Dir(file)
}

func TestSigningKeys(t *testing.T) {
	t.Parallel()
	m := build(t, withSigningKeys(t))
	pod := m.server(t).Spec.Template.Spec
	effective := settings(t, m)
	if effective["JWT_ALGORITHM"] != "EdDSA" || effective["JWT_SECRET"] != "" {
		t.Errorf("tokens are signed with %s, and the secret is %q", effective["JWT_ALGORITHM"], effective["JWT_SECRET"])
	}
	mount := pod.Containers[0].VolumeMounts[0]
	if filepath.Dir(effective["JWT_KEYS_FILE"]) != mount.MountPath || !mount.ReadOnly || mount.Name != pod.Volumes[0].Name {
		t.Errorf("the keys are read from %s, and mounted at %+v", effective["JWT_KEYS_FILE"], mount)
	}
	if pod.SecurityContext.FSGroup == nil || *pod.SecurityContext.FSGroup != *pod.SecurityContext.RunAsGroup {
		t.Error("the server may not read the keys")
	}
}
