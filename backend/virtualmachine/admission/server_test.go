package admission_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(kubevirt.VirtualMachineKind, true)))
}

func machine(name, templates string, claims ...string) *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: name, Annotations: map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: templates},
	}}
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	vm.Spec.Template.Spec.Domain.Resources.Limits = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("1Gi"),
	}
	for _, claim := range claims {
		source := &kubevirt.PersistentVolumeClaimVolumeSource{}
		source.ClaimName = claim
		vm.Spec.Template.Spec.Volumes = append(vm.Spec.Template.Spec.Volumes, kubevirt.Volume{
			Name: claim, VolumeSource: kubevirt.VolumeSource{PersistentVolumeClaim: source},
		})
		vm.Spec.Template.Spec.Domain.Devices.Disks = append(vm.Spec.Template.Spec.Domain.Devices.Disks, kubevirt.Disk{Name: claim})
	}
	return vm
}

// onNetwork plugs a card of an address into a network.
func onNetwork(vm *kubevirt.VirtualMachine, network, address string) *kubevirt.VirtualMachine {
	spec := &vm.Spec.Template.Spec
	spec.Networks = []kubevirt.Network{{
		Name: "lan", NetworkSource: kubevirt.NetworkSource{Multus: &kubevirt.MultusNetwork{NetworkName: network}},
	}}
	spec.Domain.Devices.Interfaces = []kubevirt.Interface{{Name: "lan", MacAddress: address}}
	return vm
}

func template(image, size string) string {
	return `[{"metadata":{"name":"root","annotations":{"harvesterhci.io/imageId":"` + image + `"}},` +
		`"spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"` + size + `"}}}}]`
}

func claim(c *manager.Cluster, name string, annotations map[string]string) {
	c.Make(&corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Annotations: annotations},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	})
}

func image(c *manager.Cluster, namespace, name string, imported metav1.ConditionStatus, message string) {
	made := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: name, SourceType: "download", URL: "http://images.example.org/" + name},
	}
	c.Make(made)
	manager.Report(c, made, func(image *harvesterv1.VirtualMachineImage) {
		image.Status.VirtualSize = 1 << 30
		image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: imported, Message: message}}
	})
}

// asEditor is the API server as a user sees it who may do what he likes to machines in one namespace, and nothing else.
func asEditor(t *testing.T, c *manager.Cluster) client.Client {
	t.Helper()
	c.Make(&rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "machines"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{"kubevirt.io"}, Resources: []string{"*"}, Verbs: []string{"*"}}},
	})
	c.Make(&rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "machines"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "machines"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "editor"}},
	})
	config := rest.CopyConfig(api)
	config.Impersonate = rest.ImpersonationConfig{UserName: "editor", Groups: []string{"system:authenticated"}}
	as, err := client.New(config, client.Options{Scheme: c.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	return as
}

func TestOnServer(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme}, SetUp: admission.SetUp, Webhook: hooks.Server,
	})
	image(c, "default", "ready", metav1.ConditionTrue, "")
	image(c, "default", "coming", metav1.ConditionUnknown, "")
	image(c, "default", "broken", metav1.ConditionFalse, "404 Not Found")
	image(c, "kube-system", "hidden", metav1.ConditionTrue, "")
	claim(c, "golden", map[string]string{harvesterv1.AnnotationGoldenImage: "true", harvesterv1.AnnotationImageID: "default/ready"})
	claim(c, "taken", map[string]string{harvesterv1.AnnotationOwnedBy: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/db"]}]`})
	c.Make(onNetwork(machine("neighbour", ""), "lan", "02:00:00:00:00:AA"))
	hooks.Call(c, kubevirt.VirtualMachines, admission.MutatePath, admission.ValidatePath)
	editor := asEditor(t, c)

	const imageField = "metadata.annotations[harvesterhci.io/volumeClaimTemplates][0].metadata.annotations[harvesterhci.io/imageId]"
	unlimited := machine("unlimited", "")
	unlimited.Spec.Template.Spec.Domain.Resources.Limits = nil
	shared := machine("shared", "", "taken")
	shared.Spec.Template.Spec.Domain.Devices.Disks[0].Shareable = ptr.To(true)
	cases := map[string]struct {
		reason string
		vm     *kubevirt.VirtualMachine
		as     client.Client
		code   int32
		field  string
		says   string
	}{
		"Good":      {reason: "a machine whose image is there is let in", vm: machine("good", template("default/ready", "1Gi"), "root")},
		"Beside":    {reason: "an image without a namespace is the one beside the machine", vm: machine("beside", template("ready", "1Gi"), "root")},
		"NoLimits":  {reason: "the field is named", vm: unlimited, code: http.StatusUnprocessableEntity, field: "spec.template.spec.domain.resources.limits.memory"},
		"NoImage":   {reason: "the missing image is named", vm: machine("a", template("default/none", "1Gi"), "root"), code: http.StatusUnprocessableEntity, field: imageField, says: "default/none"},
		"NotReady":  {reason: "an image that is coming is a conflict", vm: machine("b", template("default/coming", "1Gi"), "root"), code: http.StatusConflict, says: "image default/coming is not ready"},
		"Broken":    {reason: "an image that failed says why", vm: machine("c", template("default/broken", "1Gi"), "root"), code: http.StatusConflict, says: "404 Not Found"},
		"TooSmall":  {reason: "a volume holds the whole disk", vm: machine("d", template("default/ready", "1Mi"), "root"), code: http.StatusUnprocessableEntity, says: "needs at least 1Gi"},
		"NotOurs":   {reason: "a user gets no copy of what he may not read", vm: machine("e", template("kube-system/hidden", "1Gi"), "root"), as: editor, code: http.StatusForbidden, says: "may not read the image"},
		"NotThere":  {reason: "nor does he learn whether it exists", vm: machine("f", template("kube-system/none", "1Gi"), "root"), as: editor, code: http.StatusForbidden, says: "may not read the image"},
		"Golden":    {reason: "an image's own volume is not written to", vm: machine("g", "", "golden"), code: http.StatusUnprocessableEntity, field: "spec.template.spec.volumes", says: "cut a volume from the image"},
		"Taken":     {reason: "two machines on one disk spoil it", vm: machine("h", "", "taken"), code: http.StatusConflict, says: "volume taken is used by default/db"},
		"Address":   {reason: "two cards of one address on a network hear nothing", vm: onNetwork(machine("i", ""), "default/lan", "02:00:00:00:00:aa"), code: http.StatusUnprocessableEntity, field: "spec.template.spec.domain.devices.interfaces[0].macAddress", says: "virtual machine default/neighbour has this address"},
		"Elsewhere": {reason: "on another network nobody notices", vm: onNetwork(machine("elsewhere", ""), "default/dmz", "02:00:00:00:00:aa")},
		"Shareable": {reason: "unless both say that they share it", vm: shared},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			by := tc.as
			if by == nil {
				by = c.Client
			}
			requireCode(t, create(t, c, by, tc.vm), tc.code, tc.field, tc.says, tc.reason)
		})
	}
	t.Run("Completed", func(t *testing.T) {
		vm := machine("complete", "")
		c.For(t).Make(vm)
		if vm.Spec.RunStrategy == nil || vm.Spec.Template.Spec.Domain.Memory == nil || vm.Spec.Template.Spec.Domain.CPU.Cores != 1 {
			t.Errorf("what was left out is filled in: %+v", vm.Spec)
		}
	})
}

// create makes an object as somebody. The webhooks' own view of images and claims may be a moment behind.
func create(t *testing.T, c *manager.Cluster, by client.Client, vm *kubevirt.VirtualMachine) error {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		err := by.Create(t.Context(), vm)
		if !apierrors.IsInternalError(err) || time.Now().After(deadline) {
			t.Cleanup(func() { _ = c.Delete(context.Background(), vm) })
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func requireCode(t *testing.T, err error, code int32, field, says, reason string) {
	t.Helper()
	if code == 0 {
		if err != nil {
			t.Errorf("%s: %v", reason, err)
		}
		return
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Code != code {
		t.Fatalf("%s: want %d, got %v", reason, code, err)
	}
	if !strings.Contains(err.Error(), says) {
		t.Errorf("%s: want %q said, got %v", reason, says, err)
	}
	if field == "" {
		return
	}
	for _, cause := range status.Status().Details.Causes {
		if cause.Field == field {
			return
		}
	}
	t.Errorf("%s: want field %s named, got %+v", reason, field, status.Status().Details)
}
