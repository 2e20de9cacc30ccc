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

// secrets are test values for what the manifests read from Secrets.
var secrets = map[string]string{
	"DATABASE_URL":         "postgres://app:v8Qd2mXw@pgbouncer.internal:6432/app?sslmode=verify-full",
	"MIGRATE_DATABASE_URL": "postgres://owner:t5Rk9pLz@postgres.internal:5432/app?sslmode=verify-full",
	"REDIS_URL":            "rediss://:h3Wn7cYb@redis.internal:6379/0",
	"JWT_SECRET":           "e2b9417c60d85fa3917be4c05a2d86f314c7b09ed5a8f263",
	"SENTRY_DSN":           "https://k4Jm@o1.ingest.sentry.io/1",
}

// imageEnv are the variables that the Dockerfile sets.
var imageEnv = map[string]string{"HOST": "0.0.0.0"}

// runtimeEnv are variables that the Go runtime reads.
var runtimeEnv = map[string]bool{"GOMEMLIMIT": true}

// environment returns the variables of a container, and fails on those that are not settings.
func environment(t *testing.T, m *manifests, container corev1.Container) map[string]string {
	t.Helper()
	environ := maps.Clone(imageEnv)
	for _, source := range container.EnvFrom {
		settings := m.configMaps[source.ConfigMapRef.Name]
		if settings == nil {
			t.Fatalf("settings come from the missing ConfigMap %q", source.ConfigMapRef.Name)
		}
		maps.Copy(environ, settings.Data)
	}
	for _, variable := range container.Env {
		value := variable.Value
		if from := variable.ValueFrom; from != nil {
			if from.SecretKeyRef == nil || from.SecretKeyRef.Key != variable.Name {
				t.Errorf("%s is not read from a Secret's key of the same name", variable.Name)
			}
			value = secrets[variable.Name]
		}
		environ[variable.Name] = value
	}
	known, err := os.ReadFile("../../.env.example") // internal/config tests that it lists all settings
	must(t, err)
	for name := range environ {
		if !strings.Contains(string(known), "\n#"+name+"=") && !runtimeEnv[name] {
			t.Errorf("%s is not a setting", name)
		}
	}
	return environ
}

// program returns the path of a program of this repository, built once.
func program(t *testing.T, name string) string {
	t.Helper()
	folder, err := programs()
	must(t, err)
	return filepath.Join(folder, name)
}

// programs builds the programs instead of importing them, which would add their dependencies here.
var programs = sync.OnceValues(func() (string, error) {
	folder, err := filepath.Abs("../../bin/deploycheck")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("go", "build", "-C", "../..", "-buildvcs=false", "-o", folder+"/", "./cmd/server", "./cmd/migrate")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return folder, nil
})

// run runs a program with exactly the given environment.
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

// settings returns the effective settings of the server's container, with secrets redacted.
func settings(t *testing.T, m *manifests) map[string]string {
	t.Helper()
	out, err := run(t, environment(t, m, m.server(t).Spec.Template.Spec.Containers[0]), "server", "config")
	if err != nil {
		t.Fatalf("the server rejects these settings: %s", out)
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

// The server accepts the container's settings, which are those of production.
func TestSettingsOfTheServer(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	container := m.server(t).Spec.Template.Spec.Containers[0]
	effective := settings(t, m)
	if effective["ENVIRONMENT"] != "production" || effective["MIGRATE_DATABASE_URL"] != "" {
		t.Errorf("the server runs in %s and has MIGRATE_DATABASE_URL=%q",
			effective["ENVIRONMENT"], effective["MIGRATE_DATABASE_URL"])
	}
	listening := []string{":" + effective["PORT"], effective["METRICS_ADDR"]}
	for i, port := range container.Ports {
		if listening[i] != fmt.Sprintf(":%d", port.ContainerPort) {
			t.Errorf("the server listens on %s, the container declares %+v", listening[i], port)
		}
	}
	// The readiness probe must have failed before the server stops accepting requests.
	probe := container.ReadinessProbe
	if d := delay(t, effective); d.Seconds() < float64(probe.PeriodSeconds*probe.FailureThreshold) {
		t.Errorf("SHUTDOWN_DELAY is %s, shorter than the readiness probe takes to fail", d)
	}
}

// Migrations accept the container's settings and fail only to reach the database.
func TestSettingsOfMigrations(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	environ := environment(t, m, m.migrate(t).Spec.Template.Spec.Containers[0])
	if environ["MIGRATE_DATABASE_URL"] == "" || environ["JWT_SECRET"] != "" {
		t.Error("migrations need MIGRATE_DATABASE_URL and must not have JWT_SECRET")
	}
	environ["MIGRATE_DATABASE_URL"] = "postgres://owner:t5Rk9pLz@127.0.0.1:1/app"
	out, err := run(t, environ, "migrate", "status")
	if err == nil || !strings.Contains(out, "cannot reach the database server") {
		t.Errorf("%v: %s", err, out)
	}
}

// The drain after SHUTDOWN_DELAY is tested in internal/app against the same file.
func TestGracePeriodExceedsShutdownDelay(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	d := delay(t, settings(t, m))
	if grace := *m.server(t).Spec.Template.Spec.TerminationGracePeriodSeconds; float64(grace) <= d.Seconds() {
		t.Errorf("the grace period is %d s, SHUTDOWN_DELAY is %s", grace, d)
	}
}

// defaultConnections is the number of connections that PostgreSQL allows ordinary roles by default:
// max_connections less superuser_reserved_connections, and one each for cmd/migrate and cmd/admin.
const defaultConnections = 100 - 3 - 2

// docs/scaling.md shows this calculation.
func TestReplicasFitDatabaseConnections(t *testing.T) {
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
	connections := (most + surge) * each
	if effective["DATABASE_POOLER"] == "none" && connections > defaultConnections {
		t.Errorf("(%d + %d) replicas with %d connections each need %d, PostgreSQL allows %d",
			most, surge, each, connections, defaultConnections)
	}
}

// withComponent returns a copy of the production overlay with a commented component enabled.
func withComponent(t *testing.T, name string) string {
	t.Helper()
	folder := t.TempDir()
	must(t, os.CopyFS(folder, os.DirFS(kubernetes)))
	file := filepath.Join(folder, "overlays", "production", "kustomization.yaml")
	text, err := os.ReadFile(file)
	must(t, err)
	uncomment := strings.NewReplacer("# components: #", "components: #", "#   - ../../components/"+name, "  - ../../components/"+name)
	changed := uncomment.Replace(string(text))
	must(t, os.WriteFile(file, []byte(changed), 0o600)) //nolint:gosec // G703: a temporary folder
	return filepath.Dir(file)
}

func TestSigningKeys(t *testing.T) {
	t.Parallel()
	m := build(t, withComponent(t, "signing-keys"))
	pod := m.server(t).Spec.Template.Spec
	effective := settings(t, m)
	if effective["JWT_ALGORITHM"] != "EdDSA" || effective["JWT_SECRET"] != "" {
		t.Errorf("JWT_ALGORITHM=%s, JWT_SECRET=%q; want EdDSA and no secret",
			effective["JWT_ALGORITHM"], effective["JWT_SECRET"])
	}
	mount := pod.Containers[0].VolumeMounts[0]
	if filepath.Dir(effective["JWT_KEYS_FILE"]) != mount.MountPath || !mount.ReadOnly || mount.Name != pod.Volumes[0].Name {
		t.Errorf("the keys are read from %s, mounted at %+v", effective["JWT_KEYS_FILE"], mount)
	}
	if pod.SecurityContext.FSGroup == nil || *pod.SecurityContext.FSGroup != *pod.SecurityContext.RunAsGroup {
		t.Error("the server cannot read the keys: fsGroup is not its group")
	}
}
