package importer_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/importer"
	"crofthci.io/croft/test/site/site"
	"crofthci.io/croft/test/site/storage"
	"crofthci.io/croft/test/site/storage/storagetest"
)

const namespace = "default"

// world is a site with the real CDI, and a server that has images.
type world struct {
	*site.Site
	server, secure *httptest.Server
	// raw is what every image holds.
	raw []byte
}

// TestImporter plays CDI's workers under the real CDI controllers.
func TestImporter(t *testing.T) {
	w := &world{raw: make([]byte, 8<<20)}
	for i := range 1 << 20 {
		w.raw[2<<20+i] = byte(rand.Uint32())
	}
	w.serve(t)
	w.Site = storagetest.New(t, []storagetest.Part{storage.Run, importer.Run}, storagetest.WithCDI)
	for _, c := range []struct {
		name, reason string
		test         func(*testing.T, *world)
	}{
		{"Raw", "A raw image lands on the volume.", imports("disk.img", "")},
		{"QCOW2", "A qcow2 image is converted.", imports("disk.qcow2", "")},
		{"Gzip", "A packed image is unpacked.", imports("disk.img.gz", "")},
		{"XZ", "A packed qcow2 image is unpacked and converted.", imports("disk.qcow2.xz", "")},
		{"Redirect", "A redirect is followed.", imports("elsewhere", "")},
		{"Checksum", "The right checksum is of the bytes that are sent.", func(t *testing.T, w *world) {
			sum := sha256.Sum256(w.gzip(t))
			imports("disk.img.gz", "sha256:"+hex.EncodeToString(sum[:]))(t, w)
		}},
		{"WrongChecksum", "A wrong checksum fails for good, and leaves nothing behind.", wrongChecksum},
		{"HTTPS", "A certificate of an authority from a config map is trusted.", https},
		{"NotFound", "A missing image is said so, and tried again.", notFound},
		{"Reset", "A source that hangs up is said so.", troubled("reset", "connection reset by peer")},
		{"NoSpace", "A full volume is said so in CDI's words.", troubled("no-space", "DataVolume too small to contain image")},
		{"TooSmall", "An image larger than its volume is refused.", tooSmall},
		{"Slow", "A slow import shows its progress.", slow},
		{"Blank", "A blank disk is made.", blank},
		{"Clone", "A data volume from another one has its bytes.", clone},
		{"HostCopy", "What the driver may not clone is copied by CDI's workers, with its bytes.", hostCopy},
		{"Upload", "What is uploaded lands on the volume, once and from the proxy only.", upload},
		{"UploadProxy", "A person uploads through CDI's proxy, with a token.", uploadProxy},
		{"UploadTooLarge", "An upload that does not fit is the sender's fault.", uploadTooLarge},
		{"Restore", "A data volume from a snapshot has its bytes.", restore},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Log(c.reason)
			c.test(t, w)
		})
	}
}

// imports checks that an image of the server ends on a larger volume as it is.
func imports(file, checksum string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		volume := w.volume(t, file, "16Mi")
		volume.Spec.Source.HTTP.Checksum = checksum
		w.succeeds(t, volume)
		w.same(t, volume.Name)
	}
}

func wrongChecksum(t *testing.T, w *world) {
	volume := w.volume(t, "disk.img", "16Mi")
	volume.Spec.Source.HTTP.Checksum = "sha256:" + strings.Repeat("0", 64)
	storagetest.Create(t, w.Site, volume)
	failed := storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if v.Status.Phase != cdiv1.Failed {
			return "its phase is " + string(v.Status.Phase)
		}
		return ""
	})
	if got := running(failed); !strings.Contains(got, "checksum mismatch: expected sha256:0000") {
		t.Errorf("the condition says %q", got)
	}
}

func https(t *testing.T, w *world) {
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.secure.Certificate().Raw})
	storagetest.Create(t, w.Site, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "authority"},
		Data:       map[string]string{"ca.pem": string(authority)},
	})
	volume := w.volume(t, "disk.img", "16Mi")
	volume.Spec.Source.HTTP.URL = w.secure.URL + "/disk.img"
	volume.Spec.Source.HTTP.CertConfigMap = "authority"
	w.succeeds(t, volume)
	w.same(t, volume.Name)
}

func notFound(t *testing.T, w *world) {
	volume := w.volume(t, "nothing", "16Mi")
	storagetest.Create(t, w.Site, volume)
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if got := running(v); !strings.Contains(got, "expected status code 200, got 404. Status: 404 Not Found") {
			return "its condition Running says " + got
		}
		if v.Status.RestartCount < 1 {
			return "it was not tried again"
		}
		return ""
	})
}

// troubled checks what a data volume says whose import meets a trouble.
func troubled(fault, want string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		volume := w.volume(t, "disk.img", "16Mi")
		w.Faults.Set(site.Fault{Name: importer.FaultImport, Target: namespace + "/" + volume.Name, Value: fault})
		storagetest.Create(t, w.Site, volume)
		storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
			if got := running(v); !strings.Contains(got, want) {
				return "its condition Running says " + got
			}
			return ""
		})
	}
}

func tooSmall(t *testing.T, w *world) {
	volume := w.volume(t, "disk.qcow2", "4Mi")
	storagetest.Create(t, w.Site, volume)
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if got := running(v); !strings.Contains(got, "DataVolume too small to contain image") {
			return "its condition Running says " + got
		}
		return ""
	})
}

func slow(t *testing.T, w *world) {
	volume := w.volume(t, "disk.img", "16Mi")
	volume.Annotations = map[string]string{site.FaultPrefix + importer.FaultImport: "12s"}
	storagetest.Create(t, w.Site, volume)
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if p := string(v.Status.Progress); p == "" || p == "N/A" || p == "0.0%" || p == "100.0%" {
			return "its progress is " + p
		}
		return ""
	})
	w.awaits(t, volume)
	w.same(t, volume.Name)
}

func blank(t *testing.T, w *world) {
	volume := w.volume(t, "", "4Mi")
	volume.Spec.Source = &cdiv1.DataVolumeSource{Blank: &cdiv1.DataVolumeBlankImage{}}
	w.succeeds(t, volume)
	if got := w.disk(t, volume.Name); !bytes.Equal(got, make([]byte, 4<<20)) {
		t.Errorf("the disk of %d bytes is not 4 MiB of zeroes", len(got))
	}
}

func clone(t *testing.T, w *world) {
	source := w.volume(t, "disk.qcow2", "8Mi")
	w.succeeds(t, source)
	target := w.volume(t, "", "32Mi")
	target.Name = "cloned"
	target.Spec.Source = &cdiv1.DataVolumeSource{PVC: &cdiv1.DataVolumeSourcePVC{Namespace: namespace, Name: source.Name}}
	w.succeeds(t, target)
	w.same(t, target.Name)
	if got := len(w.disk(t, target.Name)); got != 32<<20 {
		t.Errorf("the clone has %d bytes, want 32 MiB", got)
	}
}

// hostCopy clones onto a class whose profile forbids the driver to clone.
func hostCopy(t *testing.T, w *world) {
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "copied"}, Provisioner: storage.Driver}
	block := corev1.PersistentVolumeBlock
	storagetest.Create(t, w.Site, class)
	// CDI makes the profile of each class itself.
	profile := &cdiv1.StorageProfile{ObjectMeta: metav1.ObjectMeta{Name: class.Name}}
	storagetest.Until(t, w.Site, profile, func(*cdiv1.StorageProfile) string { return "" })
	before := profile.DeepCopy()
	profile.Spec = cdiv1.StorageProfileSpec{
		CloneStrategy: ptr.To(cdiv1.CloneStrategyHostAssisted),
		ClaimPropertySets: []cdiv1.ClaimPropertySet{
			{AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, VolumeMode: &block},
		},
	}
	if err := w.Client.Patch(t.Context(), profile, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	storagetest.Until(t, w.Site, profile, func(p *cdiv1.StorageProfile) string {
		if ptr.Deref(p.Status.CloneStrategy, "") != cdiv1.CloneStrategyHostAssisted {
			return "CDI has not read it"
		}
		return ""
	})
	source := w.volume(t, "disk.img", "8Mi")
	w.succeeds(t, source)
	target := w.volume(t, "", "16Mi")
	target.Name = "copied"
	target.Spec.Storage.StorageClassName = &class.Name
	target.Spec.Source = &cdiv1.DataVolumeSource{PVC: &cdiv1.DataVolumeSourcePVC{Namespace: namespace, Name: source.Name}}
	w.succeeds(t, target)
	w.same(t, target.Name)
	copied := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: target.Name}}
	storagetest.Until(t, w.Site, copied, storagetest.Bound)
	if got := copied.Annotations["cdi.kubevirt.io/cloneType"]; got != "copy" {
		t.Errorf("it was made by %q, want a copy by CDI's workers", got)
	}
}

func restore(t *testing.T, w *world) {
	source := w.volume(t, "disk.img", "8Mi")
	w.succeeds(t, source)
	snapshot := &snapshotv1.VolumeSnapshot{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "of-" + source.Name},
		Spec: snapshotv1.VolumeSnapshotSpec{
			VolumeSnapshotClassName: ptr.To(storage.SnapshotClass),
			Source:                  snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: &source.Name},
		},
	}
	storagetest.Create(t, w.Site, snapshot)
	target := w.volume(t, "", "8Mi")
	target.Name = "restored"
	target.Spec.Source = &cdiv1.DataVolumeSource{Snapshot: &cdiv1.DataVolumeSourceSnapshot{Namespace: namespace, Name: snapshot.Name}}
	w.succeeds(t, target)
	w.same(t, target.Name)
}
