package deploycheck_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// Pods meet the restricted Pod Security Standard, evaluated by the admission code of Kubernetes.
func TestPodsAreRestricted(t *testing.T) {
	t.Parallel()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	must(t, err)
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, folder := range []string{production, withComponent(t, "signing-keys")} {
		m := build(t, folder)
		if got := only(t, m.namespaces).Labels[api.EnforceLevelLabel]; got != string(api.LevelRestricted) {
			t.Errorf("the namespace enforces %q", got)
		}
		for name, pod := range m.pods(t) {
			result := policy.AggregateCheckResults(evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec))
			if !result.Allowed {
				t.Errorf("%s: %s", name, result.ForbiddenDetail())
			}
		}
	}
}

// Rules beyond the Pod Security Standards.
func TestPodsAreHardened(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	for name, pod := range m.pods(t) {
		if automount := pod.Spec.AutomountServiceAccountToken; automount == nil || *automount {
			t.Errorf("%s mounts a token of the Kubernetes API", name)
		}
		if links := pod.Spec.EnableServiceLinks; links == nil || *links {
			t.Errorf("%s gets service environment variables, which may clash with settings", name)
		}
		for _, container := range pod.Spec.Containers {
			if readOnly := container.SecurityContext.ReadOnlyRootFilesystem; readOnly == nil || !*readOnly {
				t.Errorf("%s has a writable root file system", name)
			}
			for _, resource := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				request, limit := container.Resources.Requests[resource], container.Resources.Limits[resource]
				if request.IsZero() || limit.IsZero() || request.Cmp(limit) > 0 {
					t.Errorf("%s requests %s of %s, its limit is %s", name, request.String(), resource, limit.String())
				}
			}
			if _, tag, _ := strings.Cut(container.Image, ":"); tag == "" || tag == "latest" {
				t.Errorf("%s runs %s, want a release tag", name, container.Image)
			}
		}
	}
	for name, account := range m.serviceAccounts {
		if automount := account.AutomountServiceAccountToken; automount == nil || *automount {
			t.Errorf("the service account %s mounts tokens", name)
		}
	}
}
