package deploycheck_test

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// With the component, jobs run in the worker only.
func TestWorker(t *testing.T) {
	t.Parallel()
	m := build(t, withComponent(t, "worker"))
	server, worker := m.deployments["plinth"], m.deployments["plinth-worker"]
	if server == nil || worker == nil || len(m.deployments) != 2 {
		t.Fatalf("%d deployments, want the server and the worker", len(m.deployments))
	}
	off := corev1.EnvVar{Name: "JOBS", Value: "off"}
	if !slices.Contains(server.Spec.Template.Spec.Containers[0].Env, off) {
		t.Error("the server runs jobs")
	}
	container := worker.Spec.Template.Spec.Containers[0]
	if container.Image != server.Spec.Template.Spec.Containers[0].Image || !slices.Equal(container.Command, []string{"/worker"}) {
		t.Errorf("the worker is %s %s", container.Image, container.Command)
	}
	for _, env := range container.Env {
		if strings.HasPrefix(env.Name, "JWT_") {
			t.Errorf("the worker has %s, although it signs no tokens", env.Name)
		}
	}
	policy := m.networkPolicies["plinth-worker"]
	if policy == nil || policy.Spec.PodSelector.MatchLabels["app.kubernetes.io/component"] != worker.Spec.Template.Labels["app.kubernetes.io/component"] {
		t.Error("no network policy is for the worker")
	}
}
