package admission_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(kubevirt.VirtualMachineKind, true), manager.Open(csi.VolumeSnapshotKind, false),
		manager.Open(kubevirt.VirtualMachineInstanceKind, false), manager.Open(kubevirt.KubeVirtKind, false)))
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

// template is a machine's claim template, named like it.
func template(name, image, size string) string {
	return `[{"metadata":{"name":"` + name + `","annotations":{"harvesterhci.io/imageId":"` + image + `"}},` +
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

// kept makes an image that Longhorn keeps.
func kept(c *manager.Cluster) {
	made := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kept"},
		Spec: harvesterv1.VirtualMachineImageSpec{
			Backend: harvesterv1.ImageBackendBackingImage, DisplayName: "kept", SourceType: "download", URL: "http://images.example.org/kept",
		},
	}
	c.Make(made)
	manager.Report(c, made, func(image *harvesterv1.VirtualMachineImage) {
		image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	})
}

// The users of these tests, beside the administrator.
const (
	editor = "editor" // may do what he likes to machines in one namespace, and nothing else
	pooler = "pooler" // may do everything, and writes machines for others
)

// cast gives the users their rights.
func cast(c *manager.Cluster) {
	c.T.Helper()
	everything := rbacv1.PolicyRule{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}
	c.Grant("default", editor, manager.User(editor), rbacv1.PolicyRule{APIGroups: []string{"kubevirt.io"}, Resources: []string{"*"}, Verbs: []string{"*"}})
	c.Grant("default", pooler, manager.User(pooler), everything)
	c.Grant("kube-system", pooler, manager.User(pooler), everything)
	c.Grant("kube-public", "everybody", manager.Group("system:authenticated"),
		rbacv1.PolicyRule{APIGroups: []string{"harvesterhci.io"}, Resources: []string{"virtualmachineimages"}, Verbs: []string{"get"}})
}

// sourced is a claim template that starts as an image in the way of the claims that Croft fills.
func sourced(name, image string) string {
	return strings.Replace(template(name, image, "1Gi"), `"spec":{`,
		`"spec":{"dataSourceRef":{"apiGroup":"harvesterhci.io","kind":"VirtualMachineImage","name":"any"},`, 1)
}

// copied is a machine's claim template that is a copy of another claim.
func copied(name, from, size string) string {
	return strings.Replace(template(name, "default/none", size), `"spec":{`, `"spec":{"dataSource":{"kind":"PersistentVolumeClaim","name":"`+from+`"},`, 1)
}

// refers is a claim template with a data source of any kind.
func refers(template, field, source string) string {
	return strings.Replace(template, `"spec":{`, `"spec":{"`+field+`":`+source+`,`, 1)
}

// overlaid is a machine with a disk that forgets, on top of a claim.
func overlaid(vm *kubevirt.VirtualMachine, claim string) *kubevirt.VirtualMachine {
	vm.Spec.Template.Spec.Volumes = []kubevirt.Volume{{Name: "over", VolumeSource: kubevirt.VolumeSource{
		Ephemeral: &kubevirt.EphemeralVolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}},
	}}}
	return vm
}

// dumped is a machine whose memory is written to a claim.
func dumped(vm *kubevirt.VirtualMachine, claim string) *kubevirt.VirtualMachine {
	source := &kubevirt.MemoryDumpVolumeSource{}
	source.ClaimName = claim
	vm.Spec.Template.Spec.Volumes = []kubevirt.Volume{{Name: "dump", VolumeSource: kubevirt.VolumeSource{MemoryDump: source}}}
	return vm
}

// ofClass is a claim template of a storage class.
func ofClass(template, class string) string {
	return strings.Replace(template, `"spec":{`, `"spec":{"storageClassName":"`+class+`",`, 1)
}

// going is a machine that volumes are to go with.
func going(vm *kubevirt.VirtualMachine, volumes string) *kubevirt.VirtualMachine {
	vm.Annotations[harvesterv1.AnnotationRemovedClaims] = volumes
	return vm
}

func TestOnServer(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme}, SetUp: admission.Webhooks{Agents: []string{"pooler"}}.SetUp, Webhook: hooks.Server,
	})
	image(c, "default", "ready", metav1.ConditionTrue, "")
	image(c, "default", "coming", metav1.ConditionUnknown, "")
	image(c, "default", "broken", metav1.ConditionFalse, "404 Not Found")
	image(c, "kube-system", "hidden", metav1.ConditionTrue, "")
	image(c, "kube-public", "open", metav1.ConditionTrue, "")
	kept(c)
	c.Make(&storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: "lh-open"}, Provisioner: "driver.longhorn.io", Parameters: map[string]string{"backingImage": "vmi-open"},
	})
	claim(c, "golden", map[string]string{harvesterv1.AnnotationGoldenImage: "true", harvesterv1.AnnotationImageID: "default/ready"})
	claim(c, "ours", nil)
	claim(c, "taken", map[string]string{harvesterv1.AnnotationOwnedBy: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/db"]}]`})
	c.Make(onNetwork(machine("neighbour", ""), "lan", "02:00:00:00:00:AA"))
	c.Make(machine("early", "", "early"))
	hidden := onNetwork(machine("hidden", ""), "lan", "02:00:00:00:00:bb")
	hidden.Namespace = "kube-system"
	c.Make(hidden)
	hooks.Call(c, admission.MutatePath, admission.ValidatePath)
	cast(c)
	asEditor, asPooler := c.As(editor, "system:authenticated"), c.As(pooler, "system:authenticated")

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
		"Good":        {reason: "a machine whose image is there is let in", vm: machine("good", template("good-root", "default/ready", "1Gi"), "good-root")},
		"Beside":      {reason: "an image without a namespace is the one beside the machine", vm: machine("beside", template("beside-root", "ready", "1Gi"), "beside-root")},
		"NoLimits":    {reason: "the field is named", vm: unlimited, code: http.StatusUnprocessableEntity, field: "spec.template.spec.domain.resources.limits.memory"},
		"NoImage":     {reason: "the missing image is named", vm: machine("a", template("a-root", "default/none", "1Gi"), "a-root"), code: http.StatusUnprocessableEntity, field: imageField, says: "default/none"},
		"NotReady":    {reason: "an image that is coming is a conflict", vm: machine("b", template("b-root", "default/coming", "1Gi"), "b-root"), code: http.StatusConflict, says: "image default/coming is not ready"},
		"Broken":      {reason: "an image that failed says why", vm: machine("c", template("c-root", "default/broken", "1Gi"), "c-root"), code: http.StatusConflict, says: "404 Not Found"},
		"TooSmall":    {reason: "a volume holds the whole disk", vm: machine("d", template("d-root", "default/ready", "1Mi"), "d-root"), code: http.StatusUnprocessableEntity, says: "needs at least 1Gi"},
		"NotOurs":     {reason: "a user gets no copy of what he may not read", vm: machine("e", template("e-root", "kube-system/hidden", "1Gi"), "e-root"), as: asEditor, code: http.StatusForbidden, says: "may not read the image"},
		"NotThere":    {reason: "nor does he learn whether it exists", vm: machine("f", template("f-root", "kube-system/none", "1Gi"), "f-root"), as: asEditor, code: http.StatusForbidden, says: "may not read the image"},
		"Golden":      {reason: "an image's own volume is not written to", vm: machine("g", "", "golden"), code: http.StatusUnprocessableEntity, field: "spec.template.spec.volumes", says: "cut a volume from the image"},
		"Taken":       {reason: "two machines on one disk spoil it", vm: machine("h", "", "taken"), code: http.StatusConflict, says: "volume taken is used by default/db"},
		"Address":     {reason: "two cards of one address on a network hear nothing", vm: onNetwork(machine("i", ""), "default/lan", "02:00:00:00:00:aa"), code: http.StatusUnprocessableEntity, field: "spec.template.spec.domain.devices.interfaces[0].macAddress", says: "virtual machine default/neighbour has this address"},
		"Spelt":       {reason: "an address is the same however it is spelt", vm: onNetwork(machine("r", ""), "default/lan", "02-00-00-00-00-AA"), code: http.StatusUnprocessableEntity, says: "virtual machine default/neighbour has this address"},
		"Hidden":      {reason: "who may not see the other machine does not learn its name", vm: onNetwork(machine("s", ""), "kube-system/lan", "02:00:00:00:00:bb"), as: asEditor, code: http.StatusUnprocessableEntity, says: ": another virtual machine has this address"},
		"Elsewhere":   {reason: "on another network nobody notices", vm: onNetwork(machine("elsewhere", ""), "default/dmz", "02:00:00:00:00:aa")},
		"Early":       {reason: "also before the volume is made", vm: machine("k", "", "early"), code: http.StatusConflict, says: "volume early is used by default/early"},
		"Pool":        {reason: "who asked a pool for a machine gets no copy of what not everybody may read", vm: machine("l", template("l-root", "kube-system/hidden", "1Gi"), "l-root"), as: asPooler, code: http.StatusForbidden, says: "who is not known, may not read the image"},
		"OpenPool":    {reason: "what everybody may read, a pool may copy", vm: machine("m", template("m-root", "kube-public/open", "1Gi"), "m-root"), as: asPooler},
		"PoolChecked": {reason: "a pool's machines are looked at like any other", vm: machine("n", "", "golden"), as: asPooler, code: http.StatusUnprocessableEntity, says: "cut a volume from the image"},
		"Going":       {reason: "a user has nothing deleted that he may not delete", vm: going(machine("o", "", "theirs"), "theirs"), as: asEditor, code: http.StatusForbidden, says: `user "editor" may not delete the volume`},
		"GoingPool":   {reason: "nor has whoever asked a pool", vm: going(machine("p", "", "theirs"), "theirs"), as: asPooler, code: http.StatusForbidden, says: "who is not known, may not delete the volume"},
		"GoingOwn":    {reason: "who may delete a volume may choose it", vm: going(machine("q", "", "ours"), "ours")},
		"Shareable":   {reason: "unless both say that they share it", vm: shared},
		"Copy":        {reason: "a volume may be a copy of another", vm: machine("copy", copied("copy-root", "taken", "1Gi"), "copy-root")},
		"CopyNone":    {reason: "of one that there is", vm: machine("t", copied("t-root", "none", "1Gi"), "t-root"), code: http.StatusUnprocessableEntity, field: "metadata.annotations[harvesterhci.io/volumeClaimTemplates][0].spec.dataSource.name"},
		"CopySmall":   {reason: "and has room for it", vm: machine("u", copied("u-root", "taken", "1Mi"), "u-root"), code: http.StatusUnprocessableEntity, says: "a copy of volume taken needs 1Gi"},
		"CopyTheirs":  {reason: "who may not read a volume gets no copy of it", vm: machine("v", copied("v-root", "taken", "1Gi"), "v-root"), as: asEditor, code: http.StatusForbidden, says: `user "editor" may not read it`},
		"CopyImage":   {reason: "nor by calling the image what the volume starts with", vm: machine("v2", sourced("v2-root", "kube-system/hidden"), "v2-root"), as: asEditor, code: http.StatusForbidden, says: "may not read the image"},
		"CopyGolden":  {reason: "nor of an image by way of its volume", vm: machine("w", copied("w-root", "golden", "1Gi"), "w-root"), as: asEditor, code: http.StatusForbidden, says: "virtualmachineimages"},
		"RefTheirs":   {reason: "by whichever field it is named", vm: machine("ra", refers(template("ra-root", "", "1Gi"), "dataSourceRef", `{"kind":"PersistentVolumeClaim","name":"taken"}`), "ra-root"), as: asEditor, code: http.StatusForbidden, says: `user "editor" may not read it`},
		"RefAway":     {reason: "nor one of another namespace", vm: machine("rb", refers(template("rb-root", "", "1Gi"), "dataSourceRef", `{"kind":"PersistentVolumeClaim","name":"taken","namespace":"kube-system"}`), "rb-root"), code: http.StatusUnprocessableEntity, field: "metadata.annotations[harvesterhci.io/volumeClaimTemplates][0].spec.dataSourceRef.namespace"},
		"Snapshot":    {reason: "nor of a snapshot that he may not read", vm: machine("rc", refers(template("rc-root", "", "1Gi"), "dataSource", `{"apiGroup":"snapshot.storage.k8s.io","kind":"VolumeSnapshot","name":"night"}`), "rc-root"), as: asEditor, code: http.StatusForbidden, says: "volumesnapshots"},
		"SnapshotOwn": {reason: "who may read it gets one", vm: machine("rd", refers(template("rd-root", "", "1Gi"), "dataSource", `{"apiGroup":"snapshot.storage.k8s.io","kind":"VolumeSnapshot","name":"night"}`), "rd-root")},
		"NoKind":      {reason: "a kind that nobody knows would be waited for", vm: machine("re", refers(template("re-root", "", "1Gi"), "dataSourceRef", `{"apiGroup":"example.org","kind":"Tape","name":"night"}`), "re-root"), code: http.StatusUnprocessableEntity, says: "the site has nothing of this kind"},
		"ImageRef":    {reason: "an image is named in one way alone", vm: machine("rf", refers(template("rf-root", "default/ready", "1Gi"), "dataSourceRef", `{"apiGroup":"harvesterhci.io","kind":"VirtualMachineImage","name":"ready"}`), "rf-root"), code: http.StatusUnprocessableEntity, says: "by the template's annotation"},
		"Overlay":     {reason: "an image's own volume is not read under a disk that forgets", vm: overlaid(machine("rg", ""), "golden"), code: http.StatusUnprocessableEntity, says: "cut a volume from the image"},
		"Dump":        {reason: "nor is memory written over it", vm: dumped(machine("rh", ""), "golden"), code: http.StatusUnprocessableEntity, says: "cut a volume from the image"},
		"DumpTaken":   {reason: "nor over another machine's disk", vm: dumped(machine("ri", ""), "taken"), code: http.StatusConflict, says: "volume taken is used by default/db"},
		"Class":       {reason: "a class that is an image's makes volumes of no other", vm: machine("x", ofClass(template("x-root", "default/ready", "1Gi"), "lh-open"), "x-root"), code: http.StatusUnprocessableEntity, field: imageField, says: "storage class lh-open is another image's"},
		"ClassOther":  {reason: "nor does another class make volumes of an image that Longhorn keeps", vm: machine("z", ofClass(template("z-root", "default/kept", "1Gi"), "lh-open"), "z-root"), code: http.StatusUnprocessableEntity, field: "metadata.annotations[harvesterhci.io/volumeClaimTemplates][0].spec.storageClassName", says: "volumes of image default/kept are of storage class lh-"},
		"ClassAlone":  {reason: "nor of none: its bytes would be there all the same", vm: machine("y", ofClass(template("y-root", "", "1Gi"), "lh-open"), "y-root"), code: http.StatusUnprocessableEntity, field: imageField},
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
	t.Run("Chosen", func(t *testing.T) {
		vm := going(machine("chosen", "", "mine"), "mine")
		c.For(t).Make(vm)
		vm.Labels = map[string]string{"edited": "yes"}
		if err := asEditor.Update(t.Context(), vm); err != nil {
			t.Errorf("a choice that stands is not asked about again: %v", err)
		}
		err := asEditor.Update(t.Context(), going(vm, "mine,theirs"))
		requireCode(t, err, http.StatusForbidden, "", `"theirs" is forbidden`, "what is added to it is")
	})
	t.Run("Swapped", func(t *testing.T) {
		for name, first := range map[string]string{
			"copy": copied("swapped", "ours", "1Gi"),
			"move": strings.Replace(template("first", "", "1Gi"), "{", `{"targetVolume":"swapped",`, 1),
		} {
			first = strings.Replace(first, "default/none", "kube-system/hidden", 1)
			vm := machine("swap-"+name, first)
			c.For(t).Make(vm)
			vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates] = template("swapped", "kube-system/hidden", "1Gi")
			requireCode(t, asEditor.Update(t.Context(), vm), http.StatusForbidden, "", "may not read the image",
				name+": a volume that is to be made of something else is asked about, under whichever name")
		}
	})
	t.Run("Completed", func(t *testing.T) {
		vm := machine("complete", "")
		c.For(t).Make(vm)
		if vm.Spec.RunStrategy == nil || vm.Spec.Template.Spec.Domain.Memory == nil || vm.Spec.Template.Spec.Domain.CPU.Cores != 1 {
			t.Errorf("what was left out is filled in: %+v", vm.Spec)
		}
	})
}

// create makes an object as somebody, and takes it away at the end.
func create(t *testing.T, c *manager.Cluster, by client.Client, vm *kubevirt.VirtualMachine) error {
	t.Helper()
	err := by.Create(t.Context(), vm)
	if err == nil {
		c.For(t).RemoveLater(vm)
	}
	return err
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
