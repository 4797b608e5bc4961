package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"crofthci.io/croft/fleet/nodedriver"
	"crofthci.io/croft/pkg/rancher/catalog"
	"crofthci.io/croft/pkg/rancher/management"
)

// render is a chart with values, as documents by kind and name.
func render(t *testing.T, name string, values map[string]any) map[string]string {
	t.Helper()

	files, err := renderIn(t, "croft-system", name, values)
	if err != nil {
		t.Fatal(err)
	}

	return documents(t, files)
}

// renderIn is a chart with values in a namespace, as files.
func renderIn(t *testing.T, namespace, name string, values map[string]any) (map[string]string, error) {
	t.Helper()

	chart, err := loader.Load("../charts/" + name)
	if err != nil {
		t.Fatal(err)
	}

	all, err := util.ToRenderValues(chart, values, common.ReleaseOptions{Name: name, Namespace: namespace, IsInstall: true}, nil)
	if err != nil {
		t.Fatal(err)
	}

	return engine.Engine{Strict: true}.Render(chart, all)
}

func documents(t *testing.T, files map[string]string) map[string]string {
	t.Helper()

	result := map[string]string{}

	for name, file := range files {
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}

		for _, document := range strings.Split("\n"+file, "\n---") {
			var object struct {
				Kind     string `json:"kind"`
				Metadata struct {
					Name string `json:"name"`
				} `json:"metadata"`
			}
			if err := yaml.Unmarshal([]byte(document), &object); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, document)
			}

			if object.Kind != "" {
				result[object.Kind+" "+object.Metadata.Name] = document
			}
		}
	}

	return result
}

func TestChart(t *testing.T) {
	cases := map[string]struct {
		reason string
		values map[string]any
		has    []string
		hasNot []string
	}{
		"Rancher": {
			reason: "beside a Rancher the chart brings none of Rancher's kinds and few rights",
			values: map[string]any{"metrics": map[string]any{"listen": "0.0.0.0:9090"}},
			has:    []string{"Deployment croft-fleet", "ClusterRole croft-fleet", "APIService croft", "CustomResourceDefinition sites.crofthci.io", "CustomResourceDefinition bulkoperations.crofthci.io", "ValidatingAdmissionPolicy bulkoperations.crofthci.io", "Service croft-fleet-extension"},
			hasNot: []string{"CustomResourceDefinition clusters.management.cattle.io", "Service croft-fleet"},
		},
		"NoPage": {
			reason: "a page that Rancher fetches elsewhere is no reason to go without probes",
			values: map[string]any{"extension": map[string]any{"dir": ""}, "driver": map[string]any{"enabled": false}},
			has:    []string{"Deployment croft-fleet"},
			hasNot: []string{"Service croft-fleet-extension", "NodeDriver croft"},
		},
		"DriverAlone": {
			reason: "Rancher fetches the node driver, also where it fetches the page elsewhere",
			values: map[string]any{"extension": map[string]any{"dir": ""}},
			has:    []string{"NodeDriver croft", "Service croft-fleet-extension", "Role croft-fleet-guestcredential", "ValidatingAdmissionPolicy guestcredentials.crofthci.io"},
		},
		"Standalone": {
			reason: "without a Rancher the chart brings Rancher's kinds and the way in",
			values: map[string]any{"standalone": map[string]any{"enabled": true, "serverURL": "https://hub.example", "trustedProxies": []string{"10.0.0.0/8", "fd00::/8"}}},
			has:    []string{"Deployment croft-fleet", "Service croft-fleet", "CustomResourceDefinition clusters.management.cattle.io", "CustomResourceDefinition sites.crofthci.io", "ValidatingAdmissionPolicyBinding bulkoperations.crofthci.io"},
			hasNot: []string{"ClusterRole croft-fleet", "Service croft-fleet-extension", "NodeDriver croft"},
		},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := render(t, "croft-fleet", tc.values)

			for _, want := range tc.has {
				if got[want] == "" {
					t.Errorf("%s: want %s", tc.reason, want)
				}
			}

			for _, not := range tc.hasNot {
				if got[not] != "" {
					t.Errorf("%s: want no %s", tc.reason, not)
				}
			}

			var deployment appsv1.Deployment
			if err := yaml.UnmarshalStrict([]byte(got["Deployment croft-fleet"]), &deployment); err != nil {
				t.Fatal(err)
			}

			container := deployment.Spec.Template.Spec.Containers[0]
			testArguments(t, container.Args)
			testProbes(t, container)
		})
	}
}

// testProbes holds the probes to ports that the container opens.
func testProbes(t *testing.T, container corev1.Container) {
	t.Helper()

	for name, probe := range map[string]*corev1.Probe{"readiness": container.ReadinessProbe, "liveness": container.LivenessProbe} {
		if probe == nil || probe.HTTPGet == nil {
			t.Errorf("the kubelet must be able to ask for %s", name)

			continue
		}

		if !slices.ContainsFunc(container.Ports, func(p corev1.ContainerPort) bool { return p.Name == probe.HTTPGet.Port.StrVal }) {
			t.Errorf("%s asks port %s, which is none of %v", name, probe.HTTPGet.Port.StrVal, container.Ports)
		}
	}

	metrics := slices.ContainsFunc(container.Args, func(arg string) bool { return strings.HasPrefix(arg, "--metrics-listen=") })
	if port := slices.ContainsFunc(container.Ports, func(p corev1.ContainerPort) bool { return p.Name == "metrics" }); port != metrics {
		t.Errorf("the port of the metrics must be open where they are served: argument %t, port %t", metrics, port)
	}
}

// TestChartNamespace refuses a namespace in which nobody would look for what the chart brings.
func TestChartNamespace(t *testing.T) {
	_, err := renderIn(t, "elsewhere", "croft-fleet", nil)
	if err == nil || !strings.Contains(err.Error(), "--namespace croft-system") {
		t.Errorf("want a sentence that names the namespace, got %v", err)
	}
}

// testArguments holds the chart to what the program understands.
func testArguments(t *testing.T, args []string) {
	t.Helper()

	var said commandLine

	parser, err := kong.New(&said, kong.Exit(func(int) {}))
	if err != nil {
		t.Fatal(err)
	}

	if _, err := parser.Parse(args); err != nil {
		t.Errorf("the program does not understand %s: %v", slices.Clone(args), err)
	}
}

// TestPageChart holds what the chart tells Rancher of the page to what the page says of itself: Rancher refuses an
// extension of another version.
func TestPageChart(t *testing.T) {
	content, err := os.ReadFile("../extension/pkg/croft/package.json")
	if err != nil {
		t.Fatal(err)
	}

	var page struct {
		Name, Version string
		Rancher       struct{ Annotations map[string]string }
	}
	if err := json.Unmarshal(content, &page); err != nil {
		t.Fatal(err)
	}

	var plugin catalog.UIPlugin
	if err := yaml.UnmarshalStrict([]byte(render(t, "croft-ui", nil)["UIPlugin croft"]), &plugin); err != nil {
		t.Fatal(err)
	}

	entry := plugin.Spec.Plugin
	if entry.Name != page.Name || entry.Version != page.Version {
		t.Errorf("the page is %s %s, the chart says %s %s", page.Name, page.Version, entry.Name, entry.Version)
	}

	for key, want := range page.Rancher.Annotations {
		if got := entry.Metadata[key]; got != want {
			t.Errorf("annotation %s: the page says %q, the chart %q", key, want, got)
		}
	}

	var service corev1.Service
	if err := yaml.UnmarshalStrict([]byte(render(t, "croft-fleet", nil)["Service croft-fleet-extension"]), &service); err != nil {
		t.Fatal(err)
	}

	if want := "http://" + service.Name + "." + service.Namespace; entry.Endpoint != want {
		t.Errorf("the page is served at %s, the chart says %s", want, entry.Endpoint)
	}
}

// TestChartReplicas holds how many replicas there may be, and where not more than one.
func TestChartReplicas(t *testing.T) {
	cases := map[string]struct {
		reason  string
		values  map[string]any
		want    string
		refused string
	}{
		"One":        {"one is enough for most", nil, "Recreate", ""},
		"Two":        {"the second serves while the first is replaced", map[string]any{"replicas": 2}, "RollingUpdate", ""},
		"Standalone": {"the end of a tunnel is in one of them", map[string]any{"replicas": 2, "standalone": map[string]any{"enabled": true, "serverURL": "https://hub.example"}}, "", "replicas must be 1 where standalone.enabled"},
		"Volume":     {"a volume is for one", map[string]any{"replicas": 2, "persistence": map[string]any{"size": "1Gi"}}, "", "replicas must be 1 where persistence.size"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			files, err := renderIn(t, "croft-system", "croft-fleet", tc.values)
			if tc.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tc.refused) {
					t.Errorf("%s: want a refusal that says %q, got %v", tc.reason, tc.refused, err)
				}

				return
			}

			if err != nil {
				t.Fatal(err)
			}

			var deployment appsv1.Deployment
			if err := yaml.UnmarshalStrict([]byte(documents(t, files)["Deployment croft-fleet"]), &deployment); err != nil {
				t.Fatal(err)
			}

			if got := string(deployment.Spec.Strategy.Type); got != tc.want {
				t.Errorf("%s: the strategy is %s, want %s", tc.reason, got, tc.want)
			}
		})
	}
}

// TestChartDriver holds that Rancher looks for the node driver where the program serves it, and that its checksum is not
// declared where it could be wrong.
func TestChartDriver(t *testing.T) {
	cases := map[string]struct {
		reason string
		values map[string]any
		url    string
	}{
		"Rancher": {"inside the cluster, so that no way out is needed", nil, "http://croft-fleet-extension.croft-system/driver/linux-amd64/docker-machine-driver-croft"},
		"ARM":     {"for what Rancher runs on", map[string]any{"driver": map[string]any{"platform": "linux-arm64"}}, "http://croft-fleet-extension.croft-system/driver/linux-arm64/docker-machine-driver-croft"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var driver management.NodeDriver
			if err := yaml.UnmarshalStrict([]byte(render(t, "croft-fleet", tc.values)["NodeDriver "+nodedriver.Name]), &driver); err != nil {
				t.Fatal(err)
			}

			want := management.NodeDriverSpec{DisplayName: "Croft", Active: true, AddCloudCredential: true, URL: tc.url}
			if diff := cmp.Diff(want, driver.Spec); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}

			fields := map[string]string{
				"publicCredentialFields":   strings.Join(nodedriver.PublicFields, ","),
				"privateCredentialFields":  strings.Join(nodedriver.PrivateFields, ","),
				"optionalCredentialFields": strings.Join(nodedriver.OptionalFields, ","),
			}
			if diff := cmp.Diff(fields, driver.Annotations); diff != "" {
				t.Errorf("what a credential is made of: (-want +got)\n%s", diff)
			}
		})
	}
}
