package deploycheck_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"example.com/plinth/internal/config"
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
		maps.Copy(environ, m.configMaps[source.ConfigMapRef.Name].Data)
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
	cfg, err := config.LoadFrom(map[string]string{"DATABASE_URL": "postgres://localhost/x"}, config.Options{Optional: []string{"JWT_SECRET"}})
	must(t, err)
	known := map[string]bool{}
	for _, setting := range cfg.Settings() {
		known[setting.Name] = true
	}
	for name := range environ {
		if !known[name] && !ofGo[name] {
			t.Errorf("%s is no setting", name)
		}
	}
	return environ
}

// The server starts with what it gets: the settings are those of a service in production, without a problem.
func TestSettingsOfTheServer(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	server := m.server(t)
	pod := server.Spec.Template.Spec
	cfg, err := config.LoadFrom(environment(t, m, pod.Containers[0]), config.Options{})
	must(t, err)
	if cfg.Environment != config.Production || cfg.MigrateDatabaseURL.IsSet() {
		t.Errorf("the server runs in %s, and has the database role of migrations: %v", cfg.Environment, cfg.MigrateDatabaseURL.IsSet())
	}
	ports := pod.Containers[0].Ports
	if int(ports[0].ContainerPort) != cfg.Port || fmt.Sprintf(":%d", ports[1].ContainerPort) != cfg.MetricsAddr {
		t.Errorf("the server listens on %d and %s, the container shows %v", cfg.Port, cfg.MetricsAddr, ports)
	}
	// A readiness probe may fail at the end of its period only; the load balancer is to have heard of it by then.
	if probe := pod.Containers[0].ReadinessProbe; cfg.ShutdownDelay.Seconds() < float64(probe.PeriodSeconds*probe.FailureThreshold) {
		t.Errorf("SHUTDOWN_DELAY is %s, but the readiness probe takes longer to fail", cfg.ShutdownDelay)
	}
}

func TestSettingsOfMigrations(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	environ := environment(t, m, m.migrate(t).Spec.Template.Spec.Containers[0])
	cfg, err := config.LoadFrom(environ, config.Options{Optional: []string{"JWT_SECRET", "DATABASE_URL"}})
	must(t, err)
	if !cfg.MigrateDatabaseURL.IsSet() || cfg.JWTSecret.IsSet() {
		t.Error("migrations want the URL of the database, and no key")
	}
}

// The server's drain, which comes after SHUTDOWN_DELAY, is internal/app's to know; its tests read the same file.
func TestGraceIsLongerThanTheDelay(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	pod := m.server(t).Spec.Template.Spec
	cfg, err := config.LoadFrom(environment(t, m, pod.Containers[0]), config.Options{})
	must(t, err)
	if grace := *pod.TerminationGracePeriodSeconds; float64(grace) <= cfg.ShutdownDelay.Seconds() {
		t.Errorf("Kubernetes kills after %d s, SHUTDOWN_DELAY is %s", grace, cfg.ShutdownDelay)
	}
}

// defaultConnections are those that a PostgreSQL without settings has for ordinary roles: max_connections less
// superuser_reserved_connections.
const defaultConnections = 100 - 3

// docs/scaling.md has this sum.
func TestReplicasFitTheDatabase(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	server := m.server(t)
	cfg, err := config.LoadFrom(environment(t, m, server.Spec.Template.Spec.Containers[0]), config.Options{})
	must(t, err)
	most := only(t, m.horizontalPodAutoscaler).Spec.MaxReplicas
	surge, err := intstr.GetScaledValueFromIntOrPercent(server.Spec.Strategy.RollingUpdate.MaxSurge, int(most), true)
	must(t, err)
	each := int(cfg.DatabasePoolSize + cfg.DatabaseMaxOverflow)
	if connections := (int(most) + surge) * each; connections > defaultConnections {
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
	cfg, err := config.LoadFrom(environment(t, m, pod.Containers[0]), config.Options{})
	must(t, err)
	if cfg.JWTAlgorithm != "EdDSA" || cfg.JWTSecret.IsSet() {
		t.Errorf("tokens are signed with %s, and a secret is there: %v", cfg.JWTAlgorithm, cfg.JWTSecret.IsSet())
	}
	mount := pod.Containers[0].VolumeMounts[0]
	if filepath.Dir(cfg.JWTKeysFile) != mount.MountPath || !mount.ReadOnly || mount.Name != pod.Volumes[0].Name {
		t.Errorf("the keys are read from %s, and mounted at %+v", cfg.JWTKeysFile, mount)
	}
	if pod.SecurityContext.FSGroup == nil || *pod.SecurityContext.FSGroup != *pod.SecurityContext.RunAsGroup {
		t.Error("the server may not read the keys")
	}
}
