// Package deploycheck_test tests deploy/kubernetes and compose.yaml. It is a module of its own, so
// that the programs do not depend on the types of Kubernetes.
package deploycheck_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const (
	kubernetes = "../../deploy/kubernetes"
	production = kubernetes + "/overlays/production"
)

// manifests are the objects that an overlay builds, by type and name.
type manifests struct {
	all                     []runtime.Object
	deployments             map[string]*appsv1.Deployment
	jobs                    map[string]*batchv1.Job
	services                map[string]*corev1.Service
	serviceAccounts         map[string]*corev1.ServiceAccount
	configMaps              map[string]*corev1.ConfigMap
	namespaces              map[string]*corev1.Namespace
	networkPolicies         map[string]*networkingv1.NetworkPolicy
	ingresses               map[string]*networkingv1.Ingress
	disruptionBudgets       map[string]*policyv1.PodDisruptionBudget
	horizontalPodAutoscaler map[string]*autoscalingv2.HorizontalPodAutoscaler
}

// decode parses documents into the types of Kubernetes and rejects unknown fields and kinds.
func decode(t *testing.T, name string, text []byte) []runtime.Object {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		appsv1.AddToScheme, autoscalingv2.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme,
		networkingv1.AddToScheme, policyv1.AddToScheme,
	} {
		must(t, add(scheme))
	}
	options := json.SerializerOptions{Yaml: true, Strict: true}
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, options)
	var objects []runtime.Object
	for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
		object, _, err := strict.Decode(document, nil, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		objects = append(objects, object)
	}
	return objects
}

// buildYAML runs kubectl kustomize.
func buildYAML(t *testing.T, folder string) []byte {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	must(t, err)
	text, err := resources.AsYaml()
	must(t, err)
	return text
}

func build(t *testing.T, folder string) *manifests {
	t.Helper()
	m := &manifests{
		deployments: map[string]*appsv1.Deployment{}, jobs: map[string]*batchv1.Job{},
		services: map[string]*corev1.Service{}, serviceAccounts: map[string]*corev1.ServiceAccount{}, configMaps: map[string]*corev1.ConfigMap{},
		namespaces: map[string]*corev1.Namespace{}, networkPolicies: map[string]*networkingv1.NetworkPolicy{},
		ingresses: map[string]*networkingv1.Ingress{}, disruptionBudgets: map[string]*policyv1.PodDisruptionBudget{},
		horizontalPodAutoscaler: map[string]*autoscalingv2.HorizontalPodAutoscaler{},
	}
	m.all = decode(t, folder, buildYAML(t, folder))
	for _, object := range m.all {
		switch o := object.(type) {
		case *appsv1.Deployment:
			m.deployments[o.Name] = o
		case *batchv1.Job:
			m.jobs[o.Name] = o
		case *corev1.Service:
			m.services[o.Name] = o
		case *corev1.ServiceAccount:
			m.serviceAccounts[o.Name] = o
		case *corev1.ConfigMap:
			m.configMaps[o.Name] = o
		case *corev1.Namespace:
			m.namespaces[o.Name] = o
		case *networkingv1.NetworkPolicy:
			m.networkPolicies[o.Name] = o
		case *networkingv1.Ingress:
			m.ingresses[o.Name] = o
		case *policyv1.PodDisruptionBudget:
			m.disruptionBudgets[o.Name] = o
		case *autoscalingv2.HorizontalPodAutoscaler:
			m.horizontalPodAutoscaler[o.Name] = o
		default:
			t.Errorf("%T is not covered by these tests", o)
		}
	}
	return m
}

// server and migrate return the two workloads.
func (m *manifests) server(t *testing.T) *appsv1.Deployment {
	t.Helper()
	return only(t, m.deployments)
}
func (m *manifests) migrate(t *testing.T) *batchv1.Job { t.Helper(); return only(t, m.jobs) }

func (m *manifests) pods(t *testing.T) map[string]corev1.PodTemplateSpec {
	t.Helper()
	return map[string]corev1.PodTemplateSpec{"server": m.server(t).Spec.Template, "migrate": m.migrate(t).Spec.Template}
}

func only[T any](t *testing.T, objects map[string]*T) *T {
	t.Helper()
	if len(objects) != 1 {
		t.Fatalf("%d objects of type %T, want 1", len(objects), *new(T))
	}
	for _, object := range objects {
		return object
	}
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The source files are decoded too, because kustomize accepts more than Kubernetes does.
func TestFilesHaveKnownFieldsOnly(t *testing.T) {
	t.Parallel()
	seen := 0
	files := os.DirFS(kubernetes)
	must(t, fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".yaml" || entry.Name() == "kustomization.yaml" {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil || strings.Contains(string(text), "$patch") {
			return err // patches are decoded as part of their result
		}
		seen += len(decode(t, path, text))
		return nil
	}))
	if seen < 10 {
		t.Errorf("found %d manifests, want at least 10", seen)
	}
}

func TestProductionIsComplete(t *testing.T) {
	t.Parallel()
	m := build(t, production)
	namespace := only(t, m.namespaces).Name
	for _, object := range m.all {
		meta, ok := object.(metav1.Object)
		if !ok {
			t.Fatalf("%T has no name", object)
		}
		if _, isNamespace := object.(*corev1.Namespace); !isNamespace && meta.GetNamespace() != namespace {
			t.Errorf("%T %s is in the namespace %q, want %q", object, meta.GetName(), meta.GetNamespace(), namespace)
		}
	}
	only(t, m.services)
	only(t, m.ingresses)
	only(t, m.disruptionBudgets)
	only(t, m.horizontalPodAutoscaler)
	only(t, m.configMaps)
}
