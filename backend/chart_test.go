package main

import (
	"flag"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"

	configadmission "crofthci.io/croft/backend/cloudconfig/admission"
	imageadmission "crofthci.io/croft/backend/image/admission"
	keyadmission "crofthci.io/croft/backend/keypair/admission"
	nodeadmission "crofthci.io/croft/backend/node/admission"
	quotaadmission "crofthci.io/croft/backend/quota/admission"
	"crofthci.io/croft/backend/setting"
	settingadmission "crofthci.io/croft/backend/setting/admission"
	classadmission "crofthci.io/croft/backend/storageclass/admission"
	templateadmission "crofthci.io/croft/backend/template/admission"
	machineadmission "crofthci.io/croft/backend/virtualmachine/admission"
	volumeadmission "crofthci.io/croft/backend/volume/admission"
)

var update = flag.Bool("update", false, "write the golden files anew")

// here is the folder of this file. The working directory is not: serving moves it to the data folder.
func here() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// secrets are what a rendering makes anew each time.
var secrets = regexp.MustCompile(`(caBundle|ca\.crt|tls\.crt|tls\.key): [A-Za-z0-9+/=]+`)

func render(t *testing.T, values map[string]any) string {
	t.Helper()
	chart, err := loader.Load(filepath.Join(here(), "..", "charts", "croft-backend"))
	if err != nil {
		t.Fatal(err)
	}
	options := common.ReleaseOptions{Name: "croft", Namespace: "harvester-system", Revision: 1, IsInstall: true}
	given, err := util.ToRenderValues(chart, values, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Engine{Strict: true}.Render(chart, given)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range files {
		if path.Ext(name) == ".yaml" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var all strings.Builder
	for _, name := range names {
		all.WriteString("---\n# " + path.Base(name) + "\n" + strings.TrimSpace(files[name]) + "\n")
	}
	return all.String()
}

// documents are the rendered objects of a kind.
func documents[T any](t *testing.T, rendered, kind string) []T {
	t.Helper()
	var found []T
	for document := range strings.SplitSeq(rendered, "\n---\n") {
		if !strings.Contains("\n"+document, "\nkind: "+kind+"\n") {
			continue
		}
		var object T
		if err := yaml.UnmarshalStrict([]byte(document), &object); err != nil {
			t.Fatalf("%s: %v\n%s", kind, err, document)
		}
		found = append(found, object)
	}
	return found
}

func TestChart(t *testing.T) {
	got := secrets.ReplaceAllString(render(t, nil), "$1: made-at-installation")
	golden := filepath.Join(here(), "testdata", "chart.golden.yaml")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the chart renders what people have read; run with -update and read it again: -want +got:\n%s", diff)
	}
}

// TestChartArguments holds that the programs take the arguments that the chart gives them.
func TestChartArguments(t *testing.T) {
	values := map[string]map[string]any{
		"Cluster": nil,
		"Sandbox": {
			"serve":   map[string]any{"listen": "127.0.0.1:4001", "tlsSecret": "api"},
			"manage":  map[string]any{"webhookListen": "127.0.0.1:4002", "healthListen": "127.0.0.1:4003", "metricsListen": "127.0.0.1:4004", "relayListen": "127.0.0.1:4006", "relayURL": "http://127.0.0.1:4006", "serverVersion": "v1.9.0", "loopbackImages": true, "longhornURL": "http://127.0.0.1:4005"},
			"service": map[string]any{"externalName": "localhost"}, "webhook": map[string]any{"port": 4002},
			"rancher": map[string]any{"thinAgent": false, "markNodes": false},
		},
	}
	for name, values := range values {
		t.Run(name, func(t *testing.T) {
			deployments := documents[appsv1.Deployment](t, render(t, values), "Deployment")
			if len(deployments) != 2 {
				t.Fatalf("want serve and manage, got %d deployments", len(deployments))
			}
			for _, deployment := range deployments {
				container := deployment.Spec.Template.Spec.Containers[0]
				parser, err := kong.New(&cli, kong.Name("croft-backend"), kong.Vars{"serverVersion": setting.ServerVersion})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := parser.Parse(container.Args); err != nil {
					t.Errorf("%s takes its arguments %v: %v", deployment.Name, container.Args, err)
				}
			}
		})
	}
}

// TestChartWebhooks holds that the chart and the program mean the same webhooks.
func TestChartWebhooks(t *testing.T) {
	rendered := render(t, map[string]any{"webhook": map[string]any{"port": 4002}})
	var paths []string
	for _, configuration := range documents[admissionregistrationv1.MutatingWebhookConfiguration](t, rendered, "MutatingWebhookConfiguration") {
		for _, webhook := range configuration.Webhooks {
			paths = append(paths, *webhook.ClientConfig.Service.Path)
		}
	}
	for _, configuration := range documents[admissionregistrationv1.ValidatingWebhookConfiguration](t, rendered, "ValidatingWebhookConfiguration") {
		for _, webhook := range configuration.Webhooks {
			paths = append(paths, *webhook.ClientConfig.Service.Path)
			if *webhook.ClientConfig.Service.Port != 4002 || len(webhook.ClientConfig.CABundle) == 0 {
				t.Errorf("%s is reached where it listens, and trusted: %+v", webhook.Name, webhook.ClientConfig)
			}
		}
	}
	want := []string{
		machineadmission.MutatePath, imageadmission.MutatePath,
		volumeadmission.MutatePath, volumeadmission.ValidatePath, classadmission.Path,
		machineadmission.ValidatePath, machineadmission.InstancePath, imageadmission.ValidatePath, settingadmission.Path,
		keyadmission.Path, templateadmission.TemplatePath, templateadmission.VersionPath, templateadmission.NameVersionPath,
		configadmission.Path, nodeadmission.Path,
		quotaadmission.QuotaPath, quotaadmission.SnapshotPath, quotaadmission.NamespacePath, quotaadmission.PodPath,
	}
	slices.Sort(want)
	slices.Sort(paths)
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("every webhook is served and called: -want +got:\n%s", diff)
	}
}
