package deploy

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
)

// TestChart renders the charts that a sandbox runs, and turns all their
// Deployments into processes.
func TestChart(t *testing.T) {
	cases := map[string]struct {
		reason   string
		values   map[string]any
		programs []string
		kinds    []string
	}{
		"croft-crd": {
			reason: "Definitions have no program.",
			kinds:  []string{"CustomResourceDefinition"},
		},
		"croft-backend": {
			reason:   "Both halves of the backend run, and the API server knows their webhooks.",
			values:   map[string]any{"service": map[string]any{"externalName": "localhost"}},
			programs: []string{"croft-backend manage", "croft-backend serve"},
			kinds:    []string{"ServiceAccount", "ClusterRole", "Secret", "Service", "ValidatingWebhookConfiguration"},
		},
		"croft-fleet": {
			reason: "The hub without Rancher runs, with Rancher's kinds.",
			values: map[string]any{"standalone": map[string]any{
				"enabled": true, "serverURL": "https://127.0.0.1:8443", "listen": "127.0.0.1:8443",
			}},
			programs: []string{"croft-fleet serve"},
			kinds:    []string{"CustomResourceDefinition", "ServiceAccount", "APIService"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			namespace := "harvester-system"
			if name == "croft-fleet" {
				namespace = "croft-system"
			}
			release := Release{Chart: filepath.Join("../../../charts", name), Name: name, Namespace: namespace, Values: tc.values}
			manifest, err := Chart(release, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, kind := range tc.kinds {
				if !slices.ContainsFunc(manifest.Objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == kind }) {
					t.Errorf("%s\nthe chart has no %s", tc.reason, kind)
				}
			}
			var got []string
			cluster := &Cluster{Core: fake.NewClientset(secrets(t, manifest)...)}
			for i := range manifest.Deployments {
				spec, err := cluster.Program(t.Context(), &manifest.Deployments[i], Place{Cluster: "site-1", Data: t.TempDir()})
				if err != nil {
					t.Fatal(err)
				}
				line := strings.Join(append([]string{filepath.Base(spec.Path)}, spec.Args...), " ")
				if strings.Contains(line, "$(") {
					t.Errorf("%s\nnot all is expanded: %s", tc.reason, line)
				}
				if spec.Ready == nil {
					t.Errorf("%s\n%s has no readiness probe", tc.reason, spec.Name)
				}
				words := slices.DeleteFunc(strings.Fields(line), func(word string) bool { return strings.HasPrefix(word, "-") })
				got = append(got, strings.Join(words, " "))
			}
			slices.Sort(got)
			if !slices.Equal(got, tc.programs) {
				t.Errorf("%s\nprograms: got %q, want %q", tc.reason, got, tc.programs)
			}
		})
	}
}

// secrets are the Secrets of a manifest, as the cluster would have them.
func secrets(t *testing.T, manifest Manifest) []runtime.Object {
	t.Helper()
	var all []runtime.Object
	for _, object := range manifest.Objects {
		if object.GetKind() != "Secret" {
			continue
		}
		secret := &corev1.Secret{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, secret); err != nil {
			t.Fatal(err)
		}
		secret.Namespace = "harvester-system"
		all = append(all, secret)
	}
	return all
}
