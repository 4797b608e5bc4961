package admission_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/image/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(kubevirt.VirtualMachineKind, true)))
}

func image(name, display string, changes ...func(*harvesterv1.VirtualMachineImageSpec)) *harvesterv1.VirtualMachineImage {
	made := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: display, SourceType: "download", URL: "http://images.example.org/" + name},
	}
	for _, change := range changes {
		change(&made.Spec)
	}
	return made
}

func volume(name, image string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Annotations: map[string]string{harvesterv1.AnnotationImageID: image}},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
}

// asEditor is the API server as a user sees it who may do what he likes to images of one namespace, and nothing else.
func asEditor(c *manager.Cluster) client.Client {
	c.T.Helper()
	c.Grant("default", "images", manager.User("editor"),
		rbacv1.PolicyRule{APIGroups: []string{"harvesterhci.io"}, Resources: []string{"*"}, Verbs: []string{"*"}})
	return c.As("editor", "system:authenticated")
}

func TestOnServer(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme, cdi.AddToScheme}, SetUp: admission.SetUp, Webhook: hooks.Server,
	})
	c.Make(volume("cut", "default/used"))
	c.Make(volume("taken", ""))
	wants := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", Annotations: map[string]string{
		harvesterv1.AnnotationVolumeClaimTemplates: `[{"metadata":{"name":"root","annotations":{"harvesterhci.io/imageId":"default/wanted"}}}]`,
	}}}
	c.Make(wants)
	for _, name := range []string{"used", "wanted", "kept", "empty", "d"} { // when no webhook keeps them any more
		c.RemoveLater(image(name, name))
	}
	hooks.Call(c, admission.MutatePath, admission.ValidatePath)
	editor := asEditor(c)

	debian := image("debian", "debian-13")
	c.Make(debian)
	if got := debian.Labels[harvesterv1.LabelImageDisplayName]; got != "debian-13" {
		t.Errorf("clients select images by their display name: got %q", got)
	}
	for _, name := range []string{"used", "wanted"} {
		made := image(name, name)
		if err := c.Create(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		c.Hear(made)
	}
	export := func(spec *harvesterv1.VirtualMachineImageSpec) {
		spec.SourceType, spec.URL, spec.PVCNamespace, spec.PVCName = harvesterv1.ImageSourceVolume, "", "default", "cut"
	}
	backing := func(class string) func(*harvesterv1.VirtualMachineImageSpec) {
		return func(spec *harvesterv1.VirtualMachineImageSpec) {
			spec.Backend, spec.TargetStorageClassName = harvesterv1.ImageBackendBackingImage, class
		}
	}
	classes(c)
	references(c)
	settled := image("settled", "settled", backing("plain"))
	c.Make(settled)
	if settled.Spec.Backend != harvesterv1.ImageBackendCDI {
		t.Errorf("on storage that is not Longhorn, CDI keeps the image: got backend %q", settled.Spec.Backend)
	}
	backedSettled(t, c, image("kept", "kept", backing("longhorn")))
	writtenBack(t, c, debian)
	moved := debian.DeepCopy()
	moved.Annotations = map[string]string{harvesterv1.AnnotationStorageClassName: "bulk"}
	summed := debian.DeepCopy()
	summed.Spec.Checksum = strings.Repeat("0", 128)
	cases := map[string]struct {
		reason string
		do     func(context.Context) error
		code   int32
		says   string
	}{
		"Checksum": {"bytes that are there are not checked again", func(ctx context.Context) error { return c.Update(ctx, summed) }, http.StatusUnprocessableEntity, "checksum cannot be changed"},
		"SameName": {"people tell images apart by their display name", making(c, image("other", "debian-13")), http.StatusConflict, "A resource with the same name exists"},
		"URL":      {"a path is no URL", making(c, image("a", "a", func(s *harvesterv1.VirtualMachineImageSpec) { s.URL = "/disk.img" })), http.StatusUnprocessableEntity, "spec.url"},
		"FTP":      {"only http and https are fetched", making(c, image("b", "b", func(s *harvesterv1.VirtualMachineImageSpec) { s.URL = "ftp://a/b" })), http.StatusUnprocessableEntity, "spec.url"},
		"Volume":   {"the image needs the name for its own volume", making(c, image("taken", "taken")), http.StatusConflict, "a volume named taken exists already"},
		"Export":   {"a user gets no copy of what he may not read", making(editor, image("c", "c", export)), http.StatusForbidden, "may not read the source default/cut"},
		"Class":    {"bytes do not move by writing another class", func(ctx context.Context) error { return c.Update(ctx, moved) }, http.StatusUnprocessableEntity, "storage class cannot be changed"},
		"InUse":    {"who uses it is named", func(ctx context.Context) error { return c.Delete(ctx, image("used", "")) }, http.StatusConflict, "image default/used is used by volume default/cut"},
		"Wanted":   {"a machine may still be waiting for it", func(ctx context.Context) error { return c.Delete(ctx, image("wanted", "")) }, http.StatusConflict, "image default/wanted is used by virtual machine default/web"},
		"Restore":  {"what is not served is said at once", making(c, image("e", "e", func(s *harvesterv1.VirtualMachineImageSpec) { s.SourceType = "restore" })), http.StatusUnprocessableEntity, "there is no backup to restore an image from"},
		"Nothing":  {"a volume that is not there is named", making(c, image("f", "f", export, func(s *harvesterv1.VirtualMachineImageSpec) { s.PVCName = "gone" })), http.StatusUnprocessableEntity, `spec.pvcName: Not found: "default/gone"`},
		"Backing":  {"a backing image is made of Longhorn's volumes alone", making(c, image("g", "g", backing("longhorn"), export, func(s *harvesterv1.VirtualMachineImageSpec) { s.PVCName = "bound" })), http.StatusUnprocessableEntity, "volume default/bound is none of Longhorn's, and so no backing image can be made of it; use cdi"},
		"Keepers":  {"what CDI keeps, Longhorn cannot encrypt", making(c, image("k", "k", backing("longhorn"), encrypt("longhorn"))), http.StatusUnprocessableEntity, "image default/ready is kept by backend cdi, and its copy must be as well"},
		"Backed":   {"Longhorn starts volumes from it, whatever they say of themselves", func(ctx context.Context) error { return c.Delete(ctx, image("kept", "")) }, http.StatusConflict, "image default/kept is used by volume default/of-class"},
		"Sealed":   {"what comes as it is would not be read through an encrypted class", making(c, image("l", "l", backing("sealed"))), http.StatusUnprocessableEntity, "the bytes of a download are not encrypted"},
		"Engine":   {"what Longhorn's second engine keeps, CDI fills", making(c, image("m", "m", backing("second"))), http.StatusUnprocessableEntity, "spec.backend: Invalid value: \"backingimage\": is for volumes of Longhorn's first engine"},
		"Encrypt":  {"a class that does not encrypt is named", making(c, image("h", "h", encrypt("plain"))), http.StatusUnprocessableEntity, "storage class plain does not encrypt"},
		"NotYet":   {"what has no bytes cannot be encrypted", making(c, image("i", "i", encrypt("plain"), func(s *harvesterv1.VirtualMachineImageSpec) { s.SecurityParameters.SourceImageName = "used" })), http.StatusUnprocessableEntity, "is not ready"},
		"Secret": {"a user gets no copy of an image that he may not read", making(editor, image("j", "j", encrypt("plain"), func(s *harvesterv1.VirtualMachineImageSpec) {
			s.SecurityParameters.SourceImageNamespace = "kube-system"
		})), http.StatusForbidden, "may not read the source kube-system/ready"},
		"Copied":    {"an image stays while another is being copied from it", func(ctx context.Context) error { return c.Delete(ctx, image("copied", "")) }, http.StatusConflict, "image default/copied is used by image default/copy"},
		"Exporting": {"an administrator may read the source", making(c, image("d", "d", export)), 0, ""},
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
	t.Run("OneBreath", func(t *testing.T) {
		c := c.For(t)
		c.MakeUnheard(image("first", "pair"))
		if err := c.Create(t.Context(), image("second", "pair")); !apierrors.IsConflict(err) {
			t.Errorf("two of one name are refused also when they are made in one breath: got %v", err)
		}
	})
}

// writtenBack makes and changes images as Harvester's client library does, which leaves no text of the spec out.
func writtenBack(t *testing.T, c *manager.Cluster, read *harvesterv1.VirtualMachineImage) {
	t.Helper()
	texts := func(image map[string]any) {
		spec := image["spec"].(map[string]any)
		for _, name := range []string{"backend", "url", "checksum", "pvcName", "pvcNamespace"} {
			if spec[name] == nil {
				spec[name] = ""
			}
		}
		spec["storageClassParameters"] = nil
	}
	for name, tc := range map[string]struct {
		reason string
		image  *harvesterv1.VirtualMachineImage
		write  func(context.Context, client.Object, ...client.CreateOption) error
	}{
		"New":  {"a backend that nobody chose is CDI", image("empty", "empty"), c.Create},
		"Read": {"what was not there is as good as empty", read, func(ctx context.Context, o client.Object, _ ...client.CreateOption) error { return c.Update(ctx, o) }},
	} {
		t.Run(name, func(t *testing.T) {
			content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(tc.image)
			if err != nil {
				t.Fatal(err)
			}
			texts(content)
			sent := &unstructured.Unstructured{Object: content}
			sent.SetGroupVersionKind(harvesterv1.VirtualMachineImageKind)
			if err := tc.write(t.Context(), sent); err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			backend, _, _ := unstructured.NestedString(sent.Object, "spec", "backend")
			if backend != string(harvesterv1.ImageBackendCDI) {
				t.Errorf("%s: backend %q", tc.reason, backend)
			}
			tc.image.SetResourceVersion(sent.GetResourceVersion())
		})
	}
}

func making(by client.Client, image *harvesterv1.VirtualMachineImage) func(context.Context) error {
	return func(ctx context.Context) error { return by.Create(ctx, image) }
}

func encrypt(class string) func(*harvesterv1.VirtualMachineImageSpec) {
	return func(spec *harvesterv1.VirtualMachineImageSpec) {
		spec.SourceType, spec.URL, spec.TargetStorageClassName = harvesterv1.ImageSourceClone, "", class
		spec.SecurityParameters = &harvesterv1.ImageSecurityParameters{
			CryptoOperation: "encrypt", SourceImageNamespace: "default", SourceImageName: "ready",
		}
	}
}

// classes makes a class of Longhorn's and one of somebody else's, and an image that is there.
func classes(c *manager.Cluster) {
	ofLonghorn := map[string]string{"numberOfReplicas": "2", "backingImage": "vmi-another"}
	c.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "longhorn"}, Provisioner: longhorn.Driver, Parameters: ofLonghorn})
	c.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "plain"}, Provisioner: "csi.example.org"})
	sealed := map[string]string{longhorn.ParameterEncrypted: "true"}
	c.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "sealed"}, Provisioner: longhorn.Driver, Parameters: sealed})
	second := map[string]string{longhorn.ParameterEngine: "v2"}
	c.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "second"}, Provisioner: longhorn.Driver, Parameters: second})
	bound := volume("bound", "")
	bound.Annotations, bound.Spec.VolumeName = nil, "pv-of-another"
	c.Make(bound)
	c.Make(&corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: bound.Spec.VolumeName},
		Spec: corev1.PersistentVolumeSpec{
			AccessModes: bound.Spec.AccessModes, Capacity: bound.Spec.Resources.Requests,
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: "csi.example.org", VolumeHandle: "1"}},
		},
	})
	ready := image("ready", "ready")
	c.Make(ready)
	manager.Report(c, ready, func(i *harvesterv1.VirtualMachineImage) {
		i.Status.TargetStorageClassName = "plain"
		i.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	})
}

// references makes an image that is being copied from another one.
func references(c *manager.Cluster) {
	source := image("copied", "copied")
	c.Make(source)
	manager.Report(c, source, func(i *harvesterv1.VirtualMachineImage) {
		i.Status.TargetStorageClassName = "bare"
		i.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	})
	c.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "bare"}, Provisioner: "csi.one.example.org"})
	secured := map[string]string{longhorn.ParameterEncrypted: "true"}
	for _, key := range longhorn.SecretParameters {
		secured[key] = "key"
	}
	c.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "vault"}, Provisioner: "csi.other.example.org", Parameters: secured})
	c.Make(image("copy", "copy", encrypt("vault"), func(s *harvesterv1.VirtualMachineImageSpec) { s.SecurityParameters.SourceImageName = "copied" }))
}

// backedSettled makes an image that Longhorn keeps, and a volume of its class, and writes it back as a client does that
// knows nothing of what the server has settled.
func backedSettled(t *testing.T, c *manager.Cluster, kept *harvesterv1.VirtualMachineImage) {
	t.Helper()
	bare := kept.DeepCopy()
	if err := c.Create(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	want := map[string]harvesterv1.StorageClassParameter{"numberOfReplicas": "2"}
	if diff := cmp.Diff(want, kept.Spec.StorageClassParameters); diff != "" || !kept.IsBacked() {
		t.Errorf("the parameters of an image's class are settled when it is made, and none is another image's: -want +got:\n%s", diff)
	}
	bare.ResourceVersion, bare.Spec.Description = kept.ResourceVersion, "written back"
	if err := c.Update(t.Context(), bare); err != nil || !bare.IsBacked() || len(bare.Spec.StorageClassParameters) != 1 {
		t.Errorf("what the server has settled stays: %v %+v", err, bare.Spec)
	}
	started := volume("of-class", "")
	started.Annotations, started.Spec.StorageClassName = nil, new(kept.OwnClass())
	c.Make(started)
	c.Make(&storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: kept.OwnClass(), Annotations: map[string]string{harvesterv1.AnnotationImageID: "default/kept"}},
		Provisioner: longhorn.Driver, Parameters: map[string]string{longhorn.ParameterBackingImage: kept.BackingImage()},
	})
	manager.Report(c, kept, func(i *harvesterv1.VirtualMachineImage) { i.Status.TargetStorageClassName = "longhorn" })
	another := image("another", "another", func(s *harvesterv1.VirtualMachineImageSpec) { s.TargetStorageClassName = kept.OwnClass() })
	if err := c.Create(t.Context(), another, client.DryRunAll); err != nil {
		t.Fatal(err)
	}
	if another.Spec.TargetStorageClassName != "longhorn" {
		t.Fatalf("an image is no part of another, whose class is to go with it: got %s", another.Spec.TargetStorageClassName)
	}
}
