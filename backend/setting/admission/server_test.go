package admission_test

import (
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/setting/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(kubevirt.VirtualMachineInstanceKind, false)))
}

const (
	one     = `{"vlan":100,"clusterNetwork":"storage","range":"192.168.10.0/24"}`
	another = `{"vlan":101,"clusterNetwork":"storage","range":"192.168.11.0/24"}`
)

// TestStorageNetwork changes the network of the storage beside what writes to it.
func TestStorageNetwork(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds:   runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme},
		Webhook: hooks.Server, SetUp: admission.Webhook{ServerVersion: "v1.8.0"}.SetUp,
	})
	network := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "storage-network"}, Value: one}
	c.Make(network)
	grace := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "default-vm-termination-grace-period-seconds"}}
	c.Make(grace)
	hooks.Call(c, admission.Path)
	try := func(setting *harvesterv1.Setting, value string) error {
		changed := setting.DeepCopy()
		changed.Value = value
		return c.Patch(t.Context(), changed, client.MergeFrom(setting), client.DryRunAll)
	}
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}}
	vmi.Status.Phase = "Running"
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "tiny"},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: "tiny", SourceType: "upload"},
	}
	imported := func(initialized, imported metav1.ConditionStatus) func() {
		return func() {
			manager.Report(c, image, func(i *harvesterv1.VirtualMachineImage) {
				i.Status.Conditions = []harvesterv1.Condition{
					{Type: harvesterv1.ImageInitialized, Status: initialized}, {Type: harvesterv1.ImageImported, Status: imported},
				}
			})
		}
	}
	for _, step := range []struct {
		reason  string
		become  func()
		setting *harvesterv1.Setting
		value   string
		says    string
	}{
		{"nothing writes", func() {}, network, another, ""},
		{"a machine's disks would be gone", func() { c.Make(vmi) }, network, another, "machine default/web runs"},
		{"also when there is to be none any more", func() {}, network, "", "machine default/web runs"},
		{"what stays can be said again", func() {}, network, one, ""},
		{"and the other settings are none of the storage's", func() {}, grace, "60", ""},
		{"a machine that has ended writes nothing", func() {
			manager.Change(c, vmi, func(v *kubevirt.VirtualMachineInstance) { v.Status.Phase = "Succeeded" })
		}, network, another, ""},
		{"an image that waits for its bytes does not either", func() { c.Make(image); imported("Unknown", "Unknown")() }, network, another, ""},
		{"one that they come to does", imported("True", "Unknown"), network, another, "image default/tiny is being filled"},
		{"until they are there", imported("True", "True"), network, another, ""},
		{"or will not come", imported("True", "False"), network, another, ""},
	} {
		step.become()
		err := try(step.setting, step.value)
		if step.says == "" && err != nil || step.says != "" && (!apierrors.IsInvalid(err) || !strings.Contains(err.Error(), step.says)) {
			t.Errorf("%s: want %q, got %v", step.reason, step.says, err)
		}
	}
}

// TestTargetMoves moves the backup target to another server.
func TestTargetMoves(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds:   runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme, corev1.AddToScheme},
		Webhook: hooks.Server, SetUp: admission.Webhook{ServerVersion: "v1.8.0", TargetNamespace: "default"}.SetUp,
	})
	value := func(endpoint, keys string) string {
		return `{"type":"s3","endpoint":"https://` + endpoint + `","bucketName":"b","bucketRegion":"r",` + keys + `}`
	}
	const blank, given = `"accessKeyId":"","secretAccessKey":""`, `"accessKeyId":"you","secretAccessKey":"known"`
	target := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "backup-target"}, Value: value("a.example.org", blank)}
	c.Make(target)
	hooks.Call(c, admission.Path)
	try := func(value string) error {
		changed := target.DeepCopy()
		changed.Value = value
		return c.Patch(t.Context(), changed, client.MergeFrom(target), client.DryRunAll)
	}
	if err := try(value("b.example.org", blank)); err != nil {
		t.Errorf("where no keys are kept, none can be told: %v", err)
	}
	c.Make(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "harvester-backup-target-secret"}, Data: map[string][]byte{
		"AWS_ACCESS_KEY_ID": []byte("me"), "AWS_SECRET_ACCESS_KEY": []byte("hidden"), "AWS_ENDPOINTS": []byte("https://a.example.org"),
	}})
	err := try(value("b.example.org", blank))
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "value") || !strings.Contains(err.Error(), "were given for https://a.example.org") ||
		strings.Contains(err.Error(), "hidden") {
		t.Errorf("the keys of one server are not told to another, nor to whoever reads refusals: %v", err)
	}
	for reason, value := range map[string]string{
		"a server with keys of its own": value("b.example.org", given), "the same server": value("a.example.org", blank) + " ", "no target": "",
	} {
		if err := try(value); err != nil {
			t.Errorf("%s: %v", reason, err)
		}
	}
}
