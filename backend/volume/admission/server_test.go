package admission_test

import (
	"context"
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

	"crofthci.io/croft/backend/volume/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(kubevirt.VirtualMachineKind, false), manager.Open(cdi.DataVolumeKind, false), manager.Open(csi.VolumeSnapshotKind, false)))
}

// claim is a volume of 1 GiB of class fast.
func claim(name string, changes ...func(*corev1.PersistentVolumeClaim)) *corev1.PersistentVolumeClaim {
	made := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Annotations: map[string]string{}},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			StorageClassName: ptr.To("fast"),
			Resources:        corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
	for _, change := range changes {
		change(made)
	}
	return made
}

func from(image string) func(*corev1.PersistentVolumeClaim) {
	return func(c *corev1.PersistentVolumeClaim) { c.Annotations[harvesterv1.AnnotationImageID] = image }
}

func of(class string) func(*corev1.PersistentVolumeClaim) {
	return func(c *corev1.PersistentVolumeClaim) { c.Spec.StorageClassName = &class }
}

// forMachine says that a machine is to have the claim as a disk.
func forMachine(c *corev1.PersistentVolumeClaim) {
	c.Annotations["harvesterhci.io/volumeForVirtualMachine"] = "true"
}

func device(c *corev1.PersistentVolumeClaim) {
	c.Spec.VolumeMode = ptr.To(corev1.PersistentVolumeBlock)
}

func restored(c *corev1.PersistentVolumeClaim) {
	c.Spec.DataSource = &corev1.TypedLocalObjectReference{APIGroup: ptr.To("snapshot.storage.k8s.io"), Kind: "VolumeSnapshot", Name: "any"}
}

func golden(c *corev1.PersistentVolumeClaim) {
	c.Annotations[harvesterv1.AnnotationGoldenImage] = "true"
}

// starting names an image as what the claim starts with, as the webhook writes it.
func starting(c *corev1.PersistentVolumeClaim) {
	c.Spec.DataSourceRef = &corev1.TypedObjectReference{
		APIGroup: ptr.To(harvesterv1.GroupVersion.Group), Kind: harvesterv1.VirtualMachineImageKind.Kind, Name: "any",
	}
}

func placed(c *corev1.PersistentVolumeClaim) {
	c.Spec.VolumeName = "pv-of-nobody"
}

// bound is a claim with a volume, made before the webhooks are called.
func bound(c *manager.Cluster, object *corev1.PersistentVolumeClaim) *corev1.PersistentVolumeClaim {
	object.Spec.VolumeName = "pv-" + object.Name
	c.Make(object)
	manager.Report(c, object, func(o *corev1.PersistentVolumeClaim) {
		o.Status.Phase = corev1.ClaimBound
		o.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	})
	return object
}

func image(c *manager.Cluster, name string, ready bool, change func(*harvesterv1.VirtualMachineImageSpec)) {
	made := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: name, SourceType: "download", URL: "http://images.example.org/" + name},
	}
	if change != nil {
		change(&made.Spec)
	}
	c.Make(made)
	manager.Report(c, made, func(i *harvesterv1.VirtualMachineImage) {
		i.Status.VirtualSize, i.Status.StorageClassName = 2<<30, "fast"
		if ready {
			i.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
		}
	})
}

// backed makes an image that Longhorn keeps, with the class of its own.
func backed(c *manager.Cluster) *harvesterv1.VirtualMachineImage {
	image(c, "kept", true, func(spec *harvesterv1.VirtualMachineImageSpec) { spec.Backend = harvesterv1.ImageBackendBackingImage })
	kept := &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kept"}}
	manager.Until(c, kept, "exist", func(*harvesterv1.VirtualMachineImage) bool { return true })
	c.Make(&storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: kept.OwnClass(), Annotations: map[string]string{harvesterv1.AnnotationImageID: "default/kept"}},
		Provisioner: longhorn.Driver, Parameters: map[string]string{longhorn.ParameterBackingImage: kept.BackingImage()},
	})
	return kept
}

// machine uses a claim; its status says whether it runs.
func machine(c *manager.Cluster, name, uses string, runs bool) {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	vm.Spec.Template.Spec.Volumes = []kubevirt.Volume{{Name: "root"}}
	vm.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim = &kubevirt.PersistentVolumeClaimVolumeSource{}
	vm.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim.ClaimName = uses
	vm.Status.Created = runs
	c.Make(vm)
}

// who is a user who may do some things to volumes, and may read no image.
func who(c *manager.Cluster, name string, verbs ...string) client.Client {
	c.T.Helper()
	c.Grant("default", name, manager.User(name),
		rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"persistentvolumeclaims"}, Verbs: verbs})
	return c.As(name, "system:authenticated")
}

// notes writes an annotation on a claim, and only tries.
func notes(by client.Client, object *corev1.PersistentVolumeClaim, key string) func(context.Context) error {
	after := object.DeepCopy()
	metav1.SetMetaDataAnnotation(&after.ObjectMeta, key, "true")
	return func(ctx context.Context) error {
		return by.Patch(ctx, after, client.MergeFrom(object), client.DryRunAll)
	}
}

// TestOnServer asks a real API server for everything that is refused.
func TestOnServer(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme, cdi.AddToScheme, csi.AddToScheme},
		SetUp: admission.Webhooks{Agents: []string{"system:serviceaccount:cdi:cdi-sa"}}.SetUp, Webhook: hooks.Server,
	})
	c.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: "csi.example.org", AllowVolumeExpansion: ptr.To(true)})
	c.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "able"}, Provisioner: "csi.able.org", AllowVolumeExpansion: ptr.To(true)})
	c.Make(&harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: harvesterv1.SettingOnlineExpand}, Default: "{}", Value: `{"csi.able.org":true}`})
	image(c, "debian", true, nil)
	image(c, "early", false, func(spec *harvesterv1.VirtualMachineImageSpec) {
		spec.SourceType, spec.URL, spec.PVCNamespace, spec.PVCName = harvesterv1.ImageSourceVolume, "", "default", "exported"
	})
	kept := backed(c)
	inUse, off, free := bound(c, claim("in-use")), bound(c, claim("off")), bound(c, claim("free"))
	able, exported, copied := bound(c, claim("able", of("able"))), bound(c, claim("exported")), bound(c, claim("copied"))
	holds, left := bound(c, claim("debian", from("default/debian"), golden)), bound(c, claim("early", from("default/early"), golden))
	unnoted := claim("unnoted", starting, placed)
	c.Make(unnoted)
	unnoted.Annotations = map[string]string{}
	pictured := bound(c, claim("pictured"))
	c.Make(csi.Take("default", "pictured", "monday", "", nil))
	machine(c, "web", "in-use", true)
	machine(c, "db", "off", false)
	machine(c, "app", "able", true)
	c.Make(cdi.Clone{Claim: claim("copy"), SourceNamespace: "default", SourceName: "copied"}.Volume())
	hooks.Call(c, admission.MutatePath, admission.ValidatePath)
	editor, writer := who(c, "editor", "*"), who(c, "writer", "create", "get", "patch", "update")
	agent := c.As("system:serviceaccount:cdi:cdi-sa", "system:masters")

	grown := func(by client.Client, object *corev1.PersistentVolumeClaim) func(context.Context) error {
		after := object.DeepCopy()
		after.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("3Gi")
		return func(ctx context.Context) error { return by.Patch(ctx, after, client.MergeFrom(object)) }
	}
	makes := func(by client.Client, object *corev1.PersistentVolumeClaim) func(context.Context) error {
		return func(ctx context.Context) error {
			err := by.Create(ctx, object)
			if err == nil {
				c.RemoveLater(object)
			}
			return err
		}
	}
	deletes := func(object client.Object) func(context.Context) error {
		return func(ctx context.Context) error {
			return c.Delete(ctx, object.DeepCopyObject().(client.Object), client.DryRunAll)
		}
	}
	noted := unnoted.DeepCopy()
	from("default/debian")(noted)
	another := holds.DeepCopy()
	from("default/other")(another)
	two := func(p *corev1.PersistentVolumeClaim) {
		p.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("2Gi")
	}
	cases := map[string]struct {
		reason string
		do     func(context.Context) error
		code   int32
		says   string
	}{
		"Blank":     {"a plain volume is nobody's business", makes(editor, claim("blank")), 0, ""},
		"Disk":      {"a file system is for a machine when its maker says so", makes(editor, claim("disk", forMachine)), 0, ""},
		"Device":    {"a device is a disk", makes(editor, claim("device", forMachine, device)), 0, ""},
		"Restored":  {"what starts as something keeps it", makes(editor, claim("restored", forMachine, restored)), 0, ""},
		"MadeUp":    {"who makes up the class of an image means its class", makes(c, claim("made-up", from("debian"), two, of("longhorn-debian"))), 0, ""},
		"Image":     {"who may read the image may have its bytes", makes(c, claim("cut", from("debian"), two)), 0, ""},
		"Waiting":   {"an image that is coming is waited for", makes(c, claim("soon", from("default/early"), two)), 0, ""},
		"Unread":    {"a user gets no copy of what he may not read", makes(editor, claim("stolen", from("default/debian"), two)), http.StatusForbidden, "may not read the image"},
		"Marked":    {"nor by calling it an image's own", makes(editor, claim("marked", from("default/debian"), starting, golden, two)), http.StatusForbidden, "may not read the image"},
		"Placed":    {"nor by naming a volume for it", makes(editor, claim("placed", from("default/debian"), starting, placed, two)), http.StatusForbidden, "may not read the image"},
		"Noted":     {"nor by naming the image later", func(ctx context.Context) error { return editor.Patch(ctx, noted, client.MergeFrom(unnoted)) }, http.StatusUnprocessableEntity, "the image of a volume stays what it was"},
		"Behalf":    {"nor by having a controller ask, which does not know for whom", makes(agent, claim("behalf", from("default/debian"), starting, two)), http.StatusForbidden, "asks for it himself"},
		"Absent":    {"a name that is wrong is told at once", makes(c, claim("typo", from("default/debain"), two)), http.StatusUnprocessableEntity, `metadata.annotations[harvesterhci.io/imageId]: Not found`},
		"Small":     {"a volume holds the whole disk", makes(c, claim("small", from("default/debian"))), http.StatusUnprocessableEntity, "image default/debian needs at least 2Gi"},
		"Another":   {"bytes do not change with an annotation", func(ctx context.Context) error { return c.Patch(ctx, another, client.MergeFrom(holds)) }, http.StatusUnprocessableEntity, "the image of a volume stays what it was"},
		"Static":    {"the site's own classes are its own", makes(c, claim("static", of("longhorn-static"))), http.StatusUnprocessableEntity, "spec.storageClassName"},
		"State":     {"also the one of machines' states", makes(c, claim("state", of("vmstate-persistence"))), http.StatusUnprocessableEntity, "reserved for the site itself"},
		"Agent":     {"which KubeVirt uses", makes(agent, claim("vmstate", of("vmstate-persistence"))), 0, ""},
		"Growing":   {"not every driver can while a guest looks on", grown(c, inUse), http.StatusUnprocessableEntity, "virtual machine web runs with the volume, and setting csi-online-expand-validation does not say"},
		"GrowOff":   {"a machine that is off does not mind", grown(c, off), 0, ""},
		"GrowAble":  {"a driver that can is let", grown(c, able), 0, ""},
		"InUse":     {"who uses it is named", deletes(inUse), http.StatusConflict, "volume in-use is used by virtual machine web"},
		"Owned":     {"also while it is off", deletes(off), http.StatusConflict, "volume off is used by virtual machine db"},
		"Exporting": {"an image that wants it is named", deletes(exported), http.StatusConflict, "volume exported is being exported to image default/early"},
		"Copying":   {"so is a copy under way", deletes(copied), http.StatusConflict, "volume copied is being copied to volume default/copy"},
		"Golden":    {"an image keeps its bytes", deletes(holds), http.StatusConflict, "delete the image instead"},
		"Half":      {"what a failed attempt has left goes", deletes(left), 0, ""},
		"Ejected":   {"who may delete a volume may have it go", notes(editor, free, harvesterv1.AnnotationEjected), 0, ""},
		"Kept":      {"who may not does not by a word on it", notes(writer, free, harvesterv1.AnnotationEjected), http.StatusForbidden, "may not delete the volume, and so not mark it as ejected"},
		"Written":   {"though he may write others", notes(writer, free, "field.cattle.io/description"), 0, ""},
		"Doomed": {"nor by making it so", makes(writer, claim("doomed", func(p *corev1.PersistentVolumeClaim) {
			p.Annotations = map[string]string{harvesterv1.AnnotationEjected: "true"}
		})), http.StatusForbidden, "may not delete the volume"},
		"Snapshot":  {"a snapshot does not keep it: what becomes of that is the driver's to say", deletes(pictured), 0, ""},
		"Own":       {"a volume of an image that Longhorn keeps is of the image's class", makes(c, claim("own", from("default/kept"), two, of(""))), 0, ""},
		"OwnRef":    {"also where somebody names the image twice", makes(c, claim("own-ref", from("default/kept"), starting, two, of("longhorn-kept"))), 0, ""},
		"OwnClass":  {"its class alone says so", makes(c, claim("own-class", two, of(kept.OwnClass()))), 0, ""},
		"OwnOther":  {"by another class it would be empty", makes(c, claim("own-other", from("default/kept"), two)), http.StatusUnprocessableEntity, "volumes of image default/kept are of storage class lh-"},
		"OwnSmall":  {"it holds the whole disk", makes(c, claim("own-small", of(kept.OwnClass()))), http.StatusUnprocessableEntity, "image default/kept needs at least 2Gi"},
		"OwnUnread": {"who may not read the image gets none of its bytes by its class", makes(editor, claim("own-stolen", two, of(kept.OwnClass()))), http.StatusForbidden, "may not read the image that volumes of storage class lh-"},
		"OwnBehalf": {"nor by having a controller ask", makes(agent, claim("own-behalf", two, of(kept.OwnClass()))), http.StatusForbidden, "asks for it himself"},
		"Free":      {"what nobody uses goes", deletes(free), 0, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := tc.do(t.Context())
			if tc.code == 0 {
				if err != nil {
					t.Errorf("%s: %v", tc.reason, err)
				}
				return
			}
			var status apierrors.APIStatus
			if !errors.As(err, &status) || status.Status().Code != tc.code || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: want %d and %q, got %v", tc.reason, tc.code, tc.says, err)
			}
		})
	}
	manager.Until(c, claim("made-up"), "have the class that its image says", func(o *corev1.PersistentVolumeClaim) bool {
		return *o.Spec.StorageClassName == "fast"
	})
	for name, want := range map[string]string{"disk": "VolumeImportSource", "device": "", "restored": "VolumeSnapshot", "blank": ""} {
		manager.Until(c, claim(name), "start as "+want, func(o *corev1.PersistentVolumeClaim) bool {
			return want == "" && o.Spec.DataSourceRef == nil || o.Spec.DataSourceRef != nil && o.Spec.DataSourceRef.Kind == want
		})
	}
	own := claim("own-ref")
	manager.Until(c, own, "be of the image's class, and of no source", func(o *corev1.PersistentVolumeClaim) bool {
		return *o.Spec.StorageClassName == kept.OwnClass() && o.Spec.DataSourceRef == nil
	})
	cut := claim("cut")
	manager.Until(c, cut, "wait for its image", func(o *corev1.PersistentVolumeClaim) bool {
		return o.Spec.DataSourceRef != nil && o.Spec.DataSourceRef.Kind == "VirtualMachineImage" &&
			o.Annotations[harvesterv1.AnnotationImageID] == "default/debian"
	})
}
