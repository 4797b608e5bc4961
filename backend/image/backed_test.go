package image_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/deliver"
	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/proxy"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/manager"
	played "crofthci.io/croft/test/site/longhorn"
	"crofthci.io/croft/test/site/site"
	"crofthci.io/croft/test/site/storage"
	"crofthci.io/croft/test/site/storage/storagetest"
)

// longhornSite is a site with Longhorn's kinds, whose manager is played with real bytes, and the controllers of images.
type longhornSite struct {
	*manager.Cluster

	site *site.Site
	// disk is what every image holds, and file the same as qcow2.
	disk, file []byte
	caller     capability.Caller
}

// For is the site in a part of the test.
func (w *longhornSite) For(t *testing.T) *longhornSite {
	part := *w
	part.Cluster = w.Cluster.For(t)
	return &part
}

func newLonghornSite(t *testing.T) *longhornSite {
	t.Helper()
	ctrl.SetLogger(logr.Discard()) // the images say what happened
	w := &longhornSite{}
	w.site = storagetest.New(t, []storagetest.Part{storage.Run, played.Run})
	backingImages, err := controlplane.Longhorn(longhorn.BackingImages.Resource)
	if err != nil {
		t.Fatal(err)
	}
	root, err := manager.Root()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := envtest.InstallCRDs(w.site.Config, envtest.CRDInstallOptions{
		Paths: []string{filepath.Join(root, "charts", "croft-crd", "templates")},
		CRDs:  []*apiextensionsv1.CustomResourceDefinition{backingImages},
	}); err != nil {
		t.Fatal(err)
	}
	w.Cluster = manager.Start(t, w.site.Config, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme, longhorn.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			images := fill.New(to, fill.Options{Loopback: true, Relay: relayOf(t, to)})
			images.Pause = func(int) time.Duration { return time.Second }
			return images.SetUp(to)
		},
	})
	w.caller = capability.Caller{Client: w.Client}
	w.furnish()
	w.disk = bytes.Repeat([]byte("a disk of a machine, or so. "), 1<<17)[:3<<20]
	w.file = qcow2Of(t, w.disk)
	return w
}

// furnish makes what Longhorn and Croft bring to a site.
func (w *longhornSite) furnish() {
	plain := map[string]string{"numberOfReplicas": "1"}
	storagetest.Create(w.T, w.site,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: longhorn.Namespace}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: harvesterv1.SystemNamespace}},
		&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: harvesterv1.SystemNamespace, Name: proxy.ConfigMap},
			Data:       map[string]string{"longhorn": played.URL(w.site)},
		},
		cryptoSecret("crypto", "open sesame"),
		&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "longhorn"}, Provisioner: longhorn.Driver, Parameters: plain},
		securedBy("longhorn-crypto", "crypto"),
	)
}

// qcow2Of has QEMU make a qcow2 file of a disk.
func qcow2Of(t *testing.T, disk []byte) []byte {
	t.Helper()
	raw, packed := filepath.Join(t.TempDir(), "raw"), filepath.Join(t.TempDir(), "qcow2")
	if err := os.WriteFile(raw, disk, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, packed).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file, err := os.ReadFile(packed)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// image makes an image that Longhorn keeps, of a class.
func (w *longhornSite) image(name, class string, change func(*harvesterv1.VirtualMachineImageSpec)) *harvesterv1.VirtualMachineImage {
	w.T.Helper()
	made := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: harvesterv1.VirtualMachineImageSpec{
			Backend: harvesterv1.ImageBackendBackingImage, DisplayName: name, TargetStorageClassName: class,
		},
	}
	change(&made.Spec)
	w.Make(made)
	return made
}

func (w *longhornSite) ready(image *harvesterv1.VirtualMachineImage) {
	w.T.Helper()
	manager.Until(w.Cluster, image, "be imported", (*harvesterv1.VirtualMachineImage).Ready)
}

// starts makes a volume of an image's class, and asks whether it starts with the disk.
func (w *longhornSite) starts(image *harvesterv1.VirtualMachineImage) *corev1.PersistentVolumeClaim {
	w.T.Helper()
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "of-" + image.Name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, VolumeMode: new(corev1.PersistentVolumeBlock),
			StorageClassName: &image.Status.StorageClassName,
			Resources:        corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("20Mi")}},
		},
	}
	storagetest.Create(w.T, w.site, claim)
	claim = storagetest.Until(w.T, w.site, claim, storagetest.Bound)
	got, err := os.ReadFile(storagetest.Disk(w.T, w.site, claim))
	if err != nil {
		w.T.Fatal(err)
	}
	if len(got) != 20<<20 || !bytes.HasPrefix(got, w.disk) {
		w.T.Errorf("a volume of image %s has %d bytes, and not the image's", image.Name, len(got))
	}
	return claim
}

// fetch downloads an image.
func (w *longhornSite) fetch(image *harvesterv1.VirtualMachineImage) (name string, content []byte) {
	w.T.Helper()
	stream, err := deliver.Fetch(w.T.Context(), w.caller, image)
	if err != nil {
		w.T.Fatal(err)
	}
	content, err = io.ReadAll(stream.Body)
	if err := errors.Join(err, stream.Body.Close()); err != nil || stream.Size != int64(len(content)) {
		w.T.Errorf("%s was said to have %d bytes, and has %d: %v", stream.Name, stream.Size, len(content), err)
	}
	return stream.Name, content
}

func (w *longhornSite) send(image *harvesterv1.VirtualMachineImage, size int, content []byte) error {
	return upload.Receive(w.T.Context(), w.caller, image, capability.Body{
		Options: capability.Options{"size": {strconv.Itoa(size)}}, ContentType: "application/octet-stream", Length: -1, Reader: bytes.NewReader(content),
	})
}

// TestBacked takes images through all that can be done with them on Longhorn, with real bytes.
func TestBacked(t *testing.T) {
	w := newLonghornSite(t)
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		http.ServeContent(out, r, "", time.Time{}, bytes.NewReader(w.file))
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)

	fetched := w.image("fetched", "longhorn", func(spec *harvesterv1.VirtualMachineImageSpec) {
		spec.SourceType, spec.URL = harvesterv1.ImageSourceDownload, server.URL
	})
	w.ready(fetched)
	if fetched.Status.Size != int64(len(w.file)) || fetched.Status.VirtualSize != int64(len(w.disk)) {
		t.Errorf("the sizes are Longhorn's: %+v", fetched.Status)
	}
	claim := w.starts(fetched)
	if name, content := w.fetch(fetched); name != "fetched.qcow2" || !bytes.Equal(content, w.file) {
		t.Errorf("the file is had as Longhorn keeps it: %s, %d bytes", name, len(content))
	}

	exported := w.image("exported", "longhorn", func(spec *harvesterv1.VirtualMachineImageSpec) {
		spec.SourceType, spec.PVCNamespace, spec.PVCName = harvesterv1.ImageSourceVolume, claim.Namespace, claim.Name
	})
	w.ready(exported)
	w.starts(exported)
	if name, content := w.fetch(exported); name != "exported.img" || !bytes.HasPrefix(content, w.disk) {
		t.Errorf("a volume's image is raw: %s, %d bytes", name, len(content))
	}
	w.Make(&harvesterv1.VirtualMachineImageDownloader{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "exported"},
		Spec:       harvesterv1.VirtualMachineImageDownloaderSpec{ImageName: "exported"},
	})
	if name, content := w.fetch(exported); name != "exported.qcow2" || !bytes.HasPrefix(content, []byte("QFI\xfb")) {
		t.Errorf("who asks for qcow2 gets it: %s, %d bytes", name, len(content))
	}

	w.sent()
	w.gone(exported)
}

// sent uploads images: one that is cut short, one of a size that Longhorn does not take, and one that is whole.
func (w *longhornSite) sent() {
	w.T.Helper()
	image := w.image("sent", "longhorn", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.SourceType = harvesterv1.ImageSourceUpload })
	if err := w.send(image, 1000, w.disk[:1000]); err == nil || !strings.Contains(err.Error(), "whole sectors of 512 bytes") {
		w.T.Errorf("what Longhorn would not take is refused at once: %v", err)
	}
	if err := w.send(image, len(w.disk), w.disk[:1<<20]); err == nil || !strings.Contains(err.Error(), "The file has 1048576 bytes") {
		w.T.Errorf("a file that ends early is not taken: %v", err)
	}
	manager.Until(w.Cluster, image, "say so", func(i *harvesterv1.VirtualMachineImage) bool {
		imported := harvesterv1.ConditionOf(i.Status.Conditions, harvesterv1.ImageImported)
		return i.Status.Failed == 1 && imported.Reason == fill.ReasonUploadFailed
	})
	if err := w.send(image, len(w.disk), w.disk); err != nil {
		w.T.Fatalf("it can be sent again: %v", err)
	}
	w.ready(image)
	w.starts(image)
	if _, content := w.fetch(image); !bytes.Equal(content, w.disk) {
		w.T.Error("what was sent is had again")
	}
}

// gone deletes an image, with all that is Longhorn's of it.
func (w *longhornSite) gone(image *harvesterv1.VirtualMachineImage) {
	w.T.Helper()
	if err := w.Delete(w.T.Context(), image.DeepCopy()); err != nil {
		w.T.Fatal(err)
	}
	manager.UntilNotFound(w.Cluster, image)
	manager.UntilNotFound(w.Cluster, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: image.OwnClass()}})
	manager.UntilNotFound(w.Cluster, &longhorn.BackingImage{ObjectMeta: metav1.ObjectMeta{Namespace: longhorn.Namespace, Name: image.BackingImage()}})
	if _, err := os.Stat(played.DiskOf(w.site, image.BackingImage())); !errors.Is(err, os.ErrNotExist) {
		w.T.Errorf("its bytes are still there: %v", err)
	}
}
