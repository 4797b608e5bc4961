package claim_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(cdi.DataVolumeKind, false), manager.Open(kubevirt.VirtualMachineKind, true)))
}

func start(t *testing.T) *manager.Cluster {
	t.Helper()
	return manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme, kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return claim.New(to).SetUp(to) },
	})
}

func class(c *manager.Cluster, name string) {
	c.Make(&storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: "csi.example.org", AllowVolumeExpansion: ptr.To(true),
	})
}

// template is a claim template as Harvester's UI writes it.
func template(name, size, annotations string) string {
	return `{"metadata":{"name":"` + name + `","annotations":{` + annotations + `}},"spec":{"accessModes":["ReadWriteMany"],` +
		`"volumeMode":"Block","storageClassName":"fast","resources":{"requests":{"storage":"` + size + `"}}}}`
}

func templates(each ...string) string { return "[" + strings.Join(each, ",") + "]" }

// machine makes a machine whose volumes are the given claims.
func machine(c *manager.Cluster, name, templates string, claims ...string) *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: name, Annotations: map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: templates},
	}}
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	for _, claim := range claims {
		source := &kubevirt.PersistentVolumeClaimVolumeSource{}
		source.ClaimName = claim
		vm.Spec.Template.Spec.Volumes = append(vm.Spec.Template.Spec.Volumes, kubevirt.Volume{
			Name: claim, VolumeSource: kubevirt.VolumeSource{PersistentVolumeClaim: source},
		})
	}
	c.Make(vm)
	return vm
}

func claimNamed(c *manager.Cluster, name string) *corev1.PersistentVolumeClaim {
	found := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	c.RemoveLater(found)
	return found
}

func exists[T client.Object](T) bool { return true }

const ownedByWeb = `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`

func TestBlankClaim(t *testing.T) {
	c := start(t)
	class(c, "fast")
	vm := machine(c, "web", templates(template("web-root", "1Gi", `"field.cattle.io/description":"root"`)), "web-root")

	root := claimNamed(c, "web-root")
	manager.Until(c, root, "be made", exists)
	if root.Annotations[harvesterv1.AnnotationOwnedBy] != ownedByWeb || root.Annotations["field.cattle.io/description"] != "root" {
		t.Errorf("the claim says whose it is and keeps what its template says: %v", root.Annotations)
	}
	if *root.Spec.VolumeMode != corev1.PersistentVolumeBlock || root.Spec.AccessModes[0] != corev1.ReadWriteMany {
		t.Errorf("the claim has the modes of its template: %+v", root.Spec)
	}

	// As long as its machine, which would make it anew.
	foreign := claimNamed(c, "foreign")
	foreign.Spec = *root.Spec.DeepCopy()
	foreign.Spec.VolumeName = ""
	c.Make(foreign)
	manager.Report(c, foreign, func(p *corev1.PersistentVolumeClaim) { p.Status.Phase = corev1.ClaimBound })

	t.Run("Grows", func(t *testing.T) {
		c := c.For(t)
		manager.Report(c, root, func(p *corev1.PersistentVolumeClaim) {
			p.Status.Phase = corev1.ClaimBound
			p.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
		})
		manager.Until(c, vm, "be there", exists)
		manager.Change(c, vm, func(vm *kubevirt.VirtualMachine) {
			vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates] = templates(template("foreign", "2Gi", ""), template("web-root", "2Gi", ""))
		})
		manager.Until(c, root, "grow", func(p *corev1.PersistentVolumeClaim) bool {
			size := p.Spec.Resources.Requests[corev1.ResourceStorage]
			return size.String() == "2Gi"
		})
		manager.Until(c, foreign, "be there", exists)
		if size := foreign.Spec.Resources.Requests[corev1.ResourceStorage]; size.String() != "1Gi" {
			t.Errorf("a claim that nothing says is the machine's stays as it is: %s", size.String())
		}
	})
	t.Run("Outlives", func(t *testing.T) {
		c := c.For(t)
		if err := c.Delete(t.Context(), vm); err != nil {
			t.Fatal(err)
		}
		manager.UntilGone(c, vm)
		manager.Until(c, root, "forget its machine", func(p *corev1.PersistentVolumeClaim) bool {
			return p.DeletionTimestamp == nil && p.Annotations[harvesterv1.AnnotationOwnedBy] == ""
		})
	})
}

func TestRemovedClaims(t *testing.T) {
	c := start(t)
	class(c, "fast")
	made := templates(template("old-root", "1Gi", ""), template("old-data", "1Gi", ""), template("shared", "1Gi", ""))
	vm := machine(c, "old", made, "old-root", "old-data", "shared")
	machine(c, "db", "", "shared")
	root, data, shared := claimNamed(c, "old-root"), claimNamed(c, "old-data"), claimNamed(c, "shared")
	manager.Until(c, root, "be made", exists)
	manager.Until(c, data, "be made", exists)
	manager.Until(c, shared, "know both machines", func(p *corev1.PersistentVolumeClaim) bool {
		return strings.Contains(p.Annotations[harvesterv1.AnnotationOwnedBy], `"default/db","default/old"`)
	})
	manager.Until(c, vm, "be there", exists)
	manager.Change(c, vm, func(vm *kubevirt.VirtualMachine) {
		vm.Annotations[harvesterv1.AnnotationRemovedClaims] = "old-root,shared"
	})
	if err := c.Delete(t.Context(), vm); err != nil {
		t.Fatal(err)
	}
	manager.UntilGone(c, root)
	manager.Until(c, data, "stay, for it was not named", func(p *corev1.PersistentVolumeClaim) bool {
		return p.DeletionTimestamp == nil && p.Annotations[harvesterv1.AnnotationOwnedBy] == ""
	})
	manager.Until(c, shared, "stay, for another machine uses it", func(p *corev1.PersistentVolumeClaim) bool {
		return p.DeletionTimestamp == nil && strings.Contains(p.Annotations[harvesterv1.AnnotationOwnedBy], `["default/db"]`)
	})
}

// TestEjectedClaims takes volumes out of a machine, as when whoever emptied a drive ended before he had removed them.
func TestEjectedClaims(t *testing.T) {
	c := start(t)
	class(c, "fast")
	marked := `"harvesterhci.io/ejected":"true"`
	vm := machine(c, "tower", templates(template("disc", "1Gi", ""), template("disk", "1Gi", marked), template("lent", "1Gi", "")), "disc", "disk", "lent")
	machine(c, "other", "", "lent")
	disc, disk, lent := claimNamed(c, "disc"), claimNamed(c, "disk"), claimNamed(c, "lent")
	manager.Until(c, disk, "be made", exists)
	manager.Until(c, lent, "know both machines", func(p *corev1.PersistentVolumeClaim) bool {
		return strings.Contains(p.Annotations[harvesterv1.AnnotationOwnedBy], `"default/other","default/tower"`)
	})
	if disk.Annotations[harvesterv1.AnnotationEjected] != "" {
		t.Error("a template does not mark a volume: who may write the machine may not delete it for that")
	}
	manager.Until(c, disc, "be made", exists)
	for _, ejected := range []*corev1.PersistentVolumeClaim{disc, lent} {
		manager.Change(c, ejected, func(p *corev1.PersistentVolumeClaim) { p.Annotations[harvesterv1.AnnotationEjected] = "true" })
	}
	manager.Until(c, vm, "be there", exists)
	manager.Change(c, vm, func(vm *kubevirt.VirtualMachine) {
		vm.Spec.Template.Spec.Volumes = nil
		vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates] = "[]"
	})
	manager.UntilGone(c, disc)
	manager.Until(c, disk, "stay, for nobody marked it", func(p *corev1.PersistentVolumeClaim) bool {
		return p.DeletionTimestamp == nil && p.Annotations[harvesterv1.AnnotationOwnedBy] == ""
	})
	manager.Until(c, lent, "stay, for another machine has it", func(p *corev1.PersistentVolumeClaim) bool {
		return p.DeletionTimestamp == nil && strings.Contains(p.Annotations[harvesterv1.AnnotationOwnedBy], `["default/other"]`)
	})
}

// TestBlockedNeighbour holds that a machine whose own volumes cannot be made is still known to those it uses.
func TestBlockedNeighbour(t *testing.T) {
	cases := map[string]struct {
		reason    string
		templates string
	}{
		"Class":   {"it waits for a class", templates(strings.Replace(template("waits-own", "1Gi", ""), "fast", "gold", 1))},
		"Garbage": {"its templates cannot be read", "{"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := start(t)
			class(c, "fast")
			data := claimNamed(c, "data")
			b := machine(c, "b", templates(template("data", "1Gi", "")), "data")
			manager.Until(c, data, "be made", exists)
			machine(c, "waits", tc.templates, "data")
			manager.Until(c, data, "know both machines although "+tc.reason, func(p *corev1.PersistentVolumeClaim) bool {
				return strings.Contains(p.Annotations[harvesterv1.AnnotationOwnedBy], `"default/b","default/waits"`)
			})
			manager.Until(c, b, "be there", exists)
			manager.Change(c, b, func(vm *kubevirt.VirtualMachine) { vm.Annotations[harvesterv1.AnnotationRemovedClaims] = "data" })
			if err := c.Delete(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			manager.UntilGone(c, b)
			manager.Until(c, data, "stay", func(p *corev1.PersistentVolumeClaim) bool {
				return p.DeletionTimestamp == nil && strings.Contains(p.Annotations[harvesterv1.AnnotationOwnedBy], `["default/waits"]`)
			})
		})
	}
}

func TestImageClaim(t *testing.T) {
	c := start(t)
	class(c, "fast")
	volume := &cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "image-root"}}
	c.RemoveLater(volume) // after its machine, which would make it anew
	vm := machine(c, "cut", templates(template("image-root", "1Gi", `"harvesterhci.io/imageId":"default/debian"`)), "image-root")
	problem := func(sentence string) func(*kubevirt.VirtualMachine) bool {
		return func(vm *kubevirt.VirtualMachine) bool {
			return vm.Annotations[harvesterv1.AnnotationClaimProblem] == sentence
		}
	}
	manager.Until(c, vm, "name the missing image", problem(`image "default/debian" of volume image-root does not exist`))

	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "debian"},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: "debian", SourceType: "download", URL: "http://images.example.org/debian"},
	}
	c.Make(image)
	manager.Until(c, vm, "wait for the image", problem(`image "default/debian" of volume image-root is not ready yet`))

	manager.Report(c, image, func(image *harvesterv1.VirtualMachineImage) {
		image.Status.VirtualSize, image.Status.StorageClassName = 1<<30, "fast"
		image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	})
	manager.Until(c, volume, "be made", exists)
	if source := volume.Spec.Source.PVC; source == nil || source.Namespace != "default" || source.Name != "debian" {
		t.Errorf("the volume is a copy of the golden one: %+v", volume.Spec.Source)
	}
	if volume.Annotations[harvesterv1.AnnotationImageID] != "default/debian" || volume.Annotations[harvesterv1.AnnotationGoldenImage] != "" {
		t.Errorf("the volume says where it comes from and is no golden one: %v", volume.Annotations)
	}
	manager.Until(c, vm, "have no problem left", problem(""))
	for i, made := range []string{"longhorn-debian", "lh-" + string(image.UID)} {
		name := fmt.Sprintf("made-up-%d", i)
		volume := &cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
		c.RemoveLater(volume)
		wanted := strings.Replace(template(name, "1Gi", `"harvesterhci.io/imageId":"default/debian"`), "fast", made, 1)
		machine(c, name, templates(wanted), name)
		manager.Until(c, volume, "be made", exists)
		if class := volume.Spec.Storage.StorageClassName; class == nil || *class != "fast" {
			t.Errorf("a class that a client makes up is the image's: %s became %v", made, class)
		}
	}
}

// TestBackedClaim makes volumes of an image that Longhorn keeps: claims of its own class, which CDI has nothing to do with.
func TestBackedClaim(t *testing.T) {
	c := start(t)
	class(c, "fast")
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kept"},
		Spec: harvesterv1.VirtualMachineImageSpec{
			Backend: harvesterv1.ImageBackendBackingImage, DisplayName: "kept", SourceType: "download", URL: "http://images.example.org/kept",
		},
	}
	c.Make(image)
	manager.Report(c, image, func(image *harvesterv1.VirtualMachineImage) {
		image.Status.VirtualSize, image.Status.StorageClassName = 1<<30, image.OwnClass()
		image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	})
	for i, named := range []string{image.OwnClass(), "longhorn-kept", ""} {
		name := fmt.Sprintf("backed-%d", i)
		made := claimNamed(c, name)
		wanted := strings.Replace(template(name, "1Gi", `"harvesterhci.io/imageId":"default/kept"`), "fast", named, 1)
		machine(c, name, templates(wanted), name)
		manager.Until(c, made, "be of the image's own class", func(claim *corev1.PersistentVolumeClaim) bool {
			return ptr.Deref(claim.Spec.StorageClassName, "") == image.OwnClass() && claim.Annotations[harvesterv1.AnnotationImageID] == "default/kept" &&
				claim.Spec.DataSourceRef == nil && len(claim.Spec.AccessModes) > 0
		})
	}
	vm := machine(c, "backed-elsewhere", templates(template("backed-elsewhere", "1Gi", `"harvesterhci.io/imageId":"default/kept"`)), "backed-elsewhere")
	manager.Until(c, vm, "say which class it would be", func(vm *kubevirt.VirtualMachine) bool {
		return vm.Annotations[harvesterv1.AnnotationClaimProblem] ==
			`storage class "fast" of volume backed-elsewhere is not that of image default/kept, which is "`+image.OwnClass()+`"`
	})
}

func TestProblems(t *testing.T) {
	c := start(t)
	class(c, "fast")
	neighbour := claimNamed(c, "p-b") // removed after its machine, which would make it anew
	cases := map[string]struct {
		reason    string
		templates string
		want      string
	}{
		"class": {
			"a class that does not exist is named", templates(strings.Replace(template("p-a", "1Gi", ""), "fast", "gold", 1), template("p-b", "1Gi", "")),
			`storage class "gold" of volume p-a does not exist`,
		},
		"garbage": {
			"templates that cannot be read are told", `{`,
			"harvesterhci.io/volumeClaimTemplates is not a JSON array of claims: unexpected end of JSON input",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := c.For(t)
			manager.Until(c, machine(c, name, tc.templates), tc.reason, func(vm *kubevirt.VirtualMachine) bool {
				return vm.Annotations[harvesterv1.AnnotationClaimProblem] == tc.want
			})
		})
	}
	manager.Until(c, neighbour, "be made although its neighbour cannot", exists)
}
