package deploycheck_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// selects reports whether a selector matches a pod.
func selects(t *testing.T, selector *metav1.LabelSelector, pod corev1.PodTemplateSpec) bool {
	t.Helper()
	if selector == nil || len(selector.MatchLabels)+len(selector.MatchExpressions) == 0 {
		t.Error("a selector is empty and matches every pod")
		return false
	}
	s, err := metav1.LabelSelectorAsSelector(selector)
	must(t, err)
	return s.Matches(labels.Set(pod.Labels))
}

func TestSelectorsMatchOnlyTheirPods(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	server, migrate := m.pods(t)["server"], m.pods(t)["migrate"]
	wantServer := func(what string, selector *metav1.LabelSelector) {
		t.Helper()
		if !selects(t, selector, server) || selects(t, selector, migrate) {
			t.Errorf("the selector of %s does not match exactly the server's pods", what)
		}
	}
	wantServer("the Deployment", m.server(t).Spec.Selector)
	wantServer("the Service", &metav1.LabelSelector{MatchLabels: only(t, m.services).Spec.Selector})
	wantServer("the PodDisruptionBudget", only(t, m.disruptionBudgets).Spec.Selector)
	for _, spread := range server.Spec.TopologySpreadConstraints {
		wantServer("the spread constraint on "+spread.TopologyKey, spread.LabelSelector)
	}
	if n := len(server.Spec.TopologySpreadConstraints); n != 2 {
		t.Errorf("%d topology spread constraints, want 2: zones and nodes", n)
	}
	m.policyOf(t, migrate)
}

// policyOf returns the network policy of a pod, and fails unless there is exactly one.
func (m *manifests) policyOf(t *testing.T, pod corev1.PodTemplateSpec) *networkingv1.NetworkPolicy {
	t.Helper()
	found := map[string]*networkingv1.NetworkPolicy{}
	for name, policy := range m.networkPolicies {
		if selects(t, &policy.Spec.PodSelector, pod) {
			found[name] = policy
		}
	}
	return only(t, found)
}

func TestReferencesResolve(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	if target := only(t, m.horizontalPodAutoscaler).Spec.ScaleTargetRef; target.Kind != "Deployment" ||
		m.deployments[target.Name] == nil || target.APIVersion != m.deployments[target.Name].APIVersion {
		t.Errorf("the autoscaler targets %+v", target)
	}
	if m.server(t).Spec.Replicas != nil {
		t.Error("the Deployment sets replicas, which the autoscaler manages")
	}
	for name, pod := range m.pods(t) {
		if m.serviceAccounts[pod.Spec.ServiceAccountName] == nil {
			t.Errorf("%s runs as the missing service account %q", name, pod.Spec.ServiceAccountName)
		}
	}
	for _, rule := range only(t, m.ingresses).Spec.Rules {
		for _, path := range rule.HTTP.Paths {
			backend := path.Backend.Service
			if service := m.services[backend.Name]; service == nil || servicePort(service, backend.Port) == nil {
				t.Errorf("the ingress routes to the missing backend %+v", backend)
			}
		}
	}
	for _, source := range m.server(t).Spec.Template.Spec.Containers[0].EnvFrom {
		if m.configMaps[source.ConfigMapRef.Name] == nil {
			t.Errorf("settings come from the missing ConfigMap %q", source.ConfigMapRef.Name)
		}
	}
}

func servicePort(service *corev1.Service, port networkingv1.ServiceBackendPort) *corev1.ServicePort {
	for i, p := range service.Spec.Ports {
		if p.Name == port.Name || p.Port == port.Number {
			return &service.Spec.Ports[i]
		}
	}
	return nil
}

// All references to ports name ports of the container.
func TestPortsExistInContainer(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	container := m.server(t).Spec.Template.Spec.Containers[0]
	ports := map[string]int32{}
	for _, port := range container.Ports {
		ports[port.Name] = port.ContainerPort
	}
	for _, port := range only(t, m.services).Spec.Ports {
		if ports[port.TargetPort.String()] == 0 {
			t.Errorf("the Service targets the port %s of the container, which has %v", port.TargetPort.String(), ports)
		}
	}
	for _, want := range []struct {
		path  string
		probe *corev1.Probe
	}{
		{"/health", container.StartupProbe},
		{"/health", container.LivenessProbe},
		{"/health/ready", container.ReadinessProbe},
	} {
		if want.probe == nil || want.probe.HTTPGet == nil || want.probe.HTTPGet.Path != want.path ||
			ports[want.probe.HTTPGet.Port.String()] == 0 {
			t.Errorf("%+v, want a probe of %s", want.probe, want.path)
		}
	}
	for _, rule := range m.policyOf(t, m.server(t).Spec.Template).Spec.Ingress {
		if len(rule.From) == 0 {
			t.Error("connections are not restricted")
		}
		for _, port := range rule.Ports {
			if ports[port.Port.String()] == 0 {
				t.Errorf("the network policy allows the port %s, which the container does not have", port.Port.String())
			}
		}
	}
}

// roll-out.sh selects the objects of the migration by this label and applies them first.
func TestMigrationIsSelfContained(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	const component = "app.kubernetes.io/component"
	job := m.migrate(t)
	var before []string
	for _, object := range m.all {
		if meta, ok := object.(metav1.Object); ok && meta.GetLabels()[component] == job.Labels[component] {
			before = append(before, meta.GetName())
		}
	}
	needed := map[string]bool{job.Name: true, job.Spec.Template.Spec.ServiceAccountName: true}
	for _, name := range before {
		delete(needed, name)
	}
	if job.Labels[component] != "migrate" || len(needed) > 0 {
		t.Errorf("roll-out.sh does not apply %v before the migration", needed)
	}
	image := job.Spec.Template.Spec.Containers[0].Image
	if image != m.server(t).Spec.Template.Spec.Containers[0].Image {
		t.Errorf("migrations run the image %s, which is not the server's", image)
	}
	if spec := job.Spec; spec.BackoffLimit == nil || spec.ActiveDeadlineSeconds == nil || spec.TTLSecondsAfterFinished == nil {
		t.Error("the Job lacks a backoff limit, a deadline or a TTL")
	}
}
