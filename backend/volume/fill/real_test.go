package fill_test

import (
	"bytes"
	"context"
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"crofthci.io/croft/backend/storageclass/profile"
	"crofthci.io/croft/backend/volume/fill"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/test/manager"
	"crofthci.io/croft/test/site/importer"
	"crofthci.io/croft/test/site/site"
	"crofthci.io/croft/test/site/storage"
	"crofthci.io/croft/test/site/storage/storagetest"
)

const namespace = "default"

// TestOnRealCDI fills claims on a real control plane: what the storage and CDI's pods do is played, with real bytes.
func TestOnRealCDI(t *testing.T) {
	s := storagetest.New(t, []storagetest.Part{storage.Run, importer.Run}, storagetest.WithCDI)
	definitions := []*apiextensionsv1.CustomResourceDefinition{manager.Open(harvesterv1.VirtualMachineImageKind, true)}
	if _, err := envtest.InstallCRDs(s.Config, envtest.CRDInstallOptions{CRDs: definitions}); err != nil {
		t.Fatal(err)
	}
	c := manager.Start(t, s.Config, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			if err := profile.New(to).SetUp(to); err != nil {
				return err
			}
			if err := fill.NewBlanks(to).SetUp(to); err != nil {
				return err
			}
			if err := fill.NewRemains(to).SetUp(to); err != nil {
				return err
			}
			return fill.New(to).SetUp(to)
		},
	})
	want := makeImage(t, s, c)
	for _, class := range []string{storage.Fast, storage.Bulk} {
		t.Run(class, func(t *testing.T) {
			claim := raw("from-image-"+class, class, "64Mi")
			claim.Annotations = map[string]string{harvesterv1.AnnotationImageID: namespace + "/golden"}
			claim.Spec.DataSourceRef = &corev1.TypedObjectReference{
				APIGroup: ptr.To(harvesterv1.GroupVersion.Group), Kind: "VirtualMachineImage", Name: "golden",
			}
			storagetest.Create(t, s, claim)
			filled := storagetest.Until(t, s, claim, storagetest.Bound)
			got, err := os.ReadFile(storagetest.Disk(t, s, filled))
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 64<<20 || !bytes.HasPrefix(got, want) {
				t.Errorf("the volume has %d bytes, and not the image's", len(got))
			}
			left := &cdi.DataVolumeList{}
			storagetest.Until(t, s, filled, func(*corev1.PersistentVolumeClaim) string {
				if err := c.List(context.Background(), left, client.InNamespace(namespace)); err != nil {
					return err.Error()
				}
				if len(left.Items) > 0 {
					return "the data volume " + left.Items[0].Name + " is still there"
				}
				return ""
			})
		})
	}
	t.Run("Blank", func(t *testing.T) { getsDisk(t, s) })
	t.Run("Remains", func(t *testing.T) { staysAway(t, s, c) })
	t.Run("Profile", func(t *testing.T) { tellsCDI(t, s, c) })
}

// getsDisk holds that a claim with a file system gets an empty disk in it, and only when it asks for that.
func getsDisk(t *testing.T, s *site.Site) {
	claim := raw("with-disk", storage.Bulk, "64Mi")
	claim.Spec.VolumeMode = ptr.To(corev1.PersistentVolumeFilesystem)
	claim.Spec.DataSourceRef = cdi.BlankRef()
	storagetest.Create(t, s, claim)
	filled := storagetest.Until(t, s, claim, storagetest.Bound)
	file, err := os.Stat(storagetest.Disk(t, s, filled))
	if err != nil {
		t.Fatal(err)
	}
	if size := file.Size(); size <= 0 || size > 64<<20 {
		t.Errorf("the disk has %d bytes", size)
	}
}

// staysAway holds that a volume that CDI has filled, and whose claim somebody deletes, does not come again.
func staysAway(t *testing.T, s *site.Site, c *manager.Cluster) {
	wanted := raw("copy-of-image", storage.Fast, "64Mi")
	volume := cdi.Clone{Claim: wanted, SourceNamespace: namespace, SourceName: "golden", AtOnce: true}.Volume()
	if err := c.Create(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	claim := storagetest.Until(t, s, wanted, storagetest.Bound)
	if err := c.Delete(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	manager.UntilNotFound(c, volume) // while it was there, CDI could make the claim anew
	manager.UntilNotFound(c, claim)
}

// tellsCDI holds that what a class says reaches CDI, and is taken back, while what others wrote stays.
func tellsCDI(t *testing.T, s *site.Site, c *manager.Cluster) {
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: "telling", Annotations: map[string]string{
			harvesterv1.AnnotationCloneStrategy:      "copy",
			harvesterv1.AnnotationFilesystemOverhead: "0.08",
		}},
		Provisioner: storage.Driver,
	}
	storagetest.Create(t, s, class)
	profile := &cdi.StorageProfile{ObjectMeta: metav1.ObjectMeta{Name: class.Name}}
	clones := func(want string) {
		t.Helper()
		storagetest.Until(t, s, profile, func(p *cdi.StorageProfile) string {
			if p.Status.CloneStrategy == nil || string(*p.Status.CloneStrategy) != want {
				return "CDI does not clone by " + want
			}
			return ""
		})
	}
	clones("copy")
	installation := &cdi.Installation{ObjectMeta: metav1.ObjectMeta{Name: "cdi"}}
	overhead := func(want string) {
		t.Helper()
		storagetest.Until(t, s, installation, func(i *cdi.Installation) string {
			has := ""
			if config := i.Spec.Config; config.FilesystemOverhead != nil {
				has = string(config.FilesystemOverhead.StorageClass[class.Name])
			}
			if has != want {
				return "its overhead is " + has
			}
			return ""
		})
	}
	overhead("0.08")

	manager.Change(c, profile, func(p *cdi.StorageProfile) { p.Spec.SnapshotClass = ptr.To(storage.SnapshotClass) })
	manager.Change(c, class, func(s *storagev1.StorageClass) { s.Annotations = nil })
	clones("snapshot") // which is what CDI chooses by itself
	overhead("")
	if profile.Spec.CloneStrategy != nil || profile.Spec.SnapshotClass == nil {
		t.Errorf("what the class said is taken back, what somebody else said is not: %+v", profile.Spec)
	}
}

// makeImage makes an image that is ready, and answers its bytes.
func makeImage(t *testing.T, s *site.Site, c *manager.Cluster) []byte {
	t.Helper()
	golden := raw("golden", storage.Fast, "32Mi")
	storagetest.Create(t, s, golden)
	golden = storagetest.Until(t, s, golden, storagetest.Bound)
	content := bytes.Repeat([]byte("these are the image's bytes. "), 1<<10)
	file, err := os.OpenFile(storagetest.Disk(t, s, golden), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(content); err != nil {
		t.Fatal(err)
	}
	image := &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "golden"}}
	if err := c.Create(t.Context(), image); err != nil {
		t.Fatal(err)
	}
	manager.Report(c, image, func(i *harvesterv1.VirtualMachineImage) {
		i.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	})
	return content
}

func raw(name, class, size string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			VolumeMode:       ptr.To(corev1.PersistentVolumeBlock),
			StorageClassName: &class,
			Resources:        corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}},
		},
	}
}
