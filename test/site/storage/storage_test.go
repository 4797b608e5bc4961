package storage_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/site"
	"crofthci.io/croft/test/site/storage"
	"crofthci.io/croft/test/site/storage/storagetest"
)

const namespace = "default"

// TestStorage plays the life of volumes on a real API server with Kubernetes'
// own volume controllers and the real snapshot controller.
func TestStorage(t *testing.T) {
	s := storagetest.New(t, []storagetest.Part{storage.Run})
	for _, c := range []struct {
		name, reason string
		test         func(*testing.T, *site.Site)
	}{
		{"Empty", "A claim without a source gets an empty volume of its size, and the default class.", empty},
		{"Clone", "A claim from a claim has its bytes, and keeps them when the source changes.", clone},
		{"Snapshot", "A restored snapshot has the bytes of the moment it was taken.", snapshot},
		{"Expand", "A claim that asks for more gets it in place.", expand},
		{"Infeasible", "A claim that asks for too much says so, and is served when it asks for less.", infeasible},
		{"Reclaim", "A deleted claim's bytes are gone; retained ones stay.", reclaim},
		{"Populator", "A claim that somebody else fills gets no volume of ours.", populator},
		{"Full", "A full class says so on the claim, and serves it once there is room.", full},
		{"Slow", "A slow class takes its time.", slow},
		{"SnapshotFails", "A failing snapshot says why.", snapshotFails},
		{"TooSmall", "A clone smaller than its source is refused.", tooSmall},
		{"Profiles", "CDI is told how to use the classes.", profiles},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Log(c.reason)
			c.test(t, s)
		})
	}
}

func empty(t *testing.T, s *site.Site) {
	made := bound(t, s, claim("empty", "64Mi"))
	if got := *made.Spec.StorageClassName; got != storage.Fast {
		t.Errorf("the class is %s, want %s", got, storage.Fast)
	}
	info, err := os.Stat(storagetest.Disk(t, s, made))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() != 64<<20 {
		t.Errorf("the file has %d bytes, want 64 MiB", info.Size())
	}
}

func clone(t *testing.T, s *site.Site) {
	source := bound(t, s, claim("clone-source", "32Mi"))
	bytes := scribble(t, s, source)
	target := claim("clone-target", "48Mi")
	target.Spec.DataSourceRef = &corev1.TypedObjectReference{Kind: "PersistentVolumeClaim", Name: source.Name}
	copied := bound(t, s, target)
	scribble(t, s, source)
	same(t, s, copied, bytes)
}

func snapshot(t *testing.T, s *site.Site) {
	source := bound(t, s, claim("snapshot-source", "32Mi"))
	bytes := scribble(t, s, source)
	taken := take(t, s, "taken", source.Name)
	ready := storagetest.Until(t, s, taken, func(s *snapshotv1.VolumeSnapshot) string {
		if s.Status == nil || !ptr.Deref(s.Status.ReadyToUse, false) {
			return "it is not ready"
		}
		return ""
	})
	if got := ready.Status.RestoreSize.Value(); got != 32<<20 {
		t.Errorf("restoreSize is %d, want 32 MiB", got)
	}
	scribble(t, s, source)
	target := claim("restored", "32Mi")
	target.Spec.DataSourceRef = &corev1.TypedObjectReference{APIGroup: ptr.To(snapshotv1.GroupName), Kind: "VolumeSnapshot", Name: "taken"}
	same(t, s, bound(t, s, target), bytes)

	content := *ready.Status.BoundVolumeSnapshotContentName
	remove(t, s, ready)
	gone(t, s, &snapshotv1.VolumeSnapshotContent{ObjectMeta: metav1.ObjectMeta{Name: content}})
	if left, _ := os.ReadDir(s.Data + "/snapshots"); len(left) != 0 {
		for _, entry := range left {
			if entry.Name() == content {
				t.Errorf("the bytes of the deleted snapshot are still there: %s", entry.Name())
			}
		}
	}
}

func expand(t *testing.T, s *site.Site) {
	c := bound(t, s, claim("grows", "16Mi"))
	bytes := scribble(t, s, c)
	c.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("64Mi")
	if err := s.Client.Update(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	grown := storagetest.Until(t, s, c, func(c *corev1.PersistentVolumeClaim) string {
		if c.Status.Capacity.Storage().Value() != 64<<20 || len(c.Status.Conditions) > 0 {
			return "its capacity is " + c.Status.Capacity.Storage().String()
		}
		return ""
	})
	if info, err := os.Stat(storagetest.Disk(t, s, grown)); err != nil || info.Size() != 64<<20 {
		t.Errorf("the file: %v, %v; want 64 MiB", info, err)
	}
	same(t, s, grown, bytes)
}

func infeasible(t *testing.T, s *site.Site) {
	c := claim("cannot-grow", "16Mi")
	c.Annotations = map[string]string{site.FaultPrefix + storage.FaultExpand: "32Mi"}
	c = bound(t, s, c)
	c.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("64Mi")
	if err := s.Client.Update(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	stuck := storagetest.Until(t, s, c, func(c *corev1.PersistentVolumeClaim) string {
		if c.Status.AllocatedResourceStatuses[corev1.ResourceStorage] != corev1.PersistentVolumeClaimControllerResizeInfeasible {
			return "it is not infeasible"
		}
		return ""
	})
	stuck.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("17Mi")
	if err := s.Client.Update(context.Background(), stuck); err != nil {
		t.Fatalf("Kubernetes lets a claim ask for less again: %v", err)
	}
	storagetest.Until(t, s, stuck, func(c *corev1.PersistentVolumeClaim) string {
		if c.Status.Capacity.Storage().Value() != 17<<20 || len(c.Status.Conditions) > 0 {
			return "its capacity is " + c.Status.Capacity.Storage().String()
		}
		return ""
	})
}

func reclaim(t *testing.T, s *site.Site) {
	for policy, stays := range map[corev1.PersistentVolumeReclaimPolicy]bool{
		corev1.PersistentVolumeReclaimDelete: false, corev1.PersistentVolumeReclaimRetain: true,
	} {
		c := bound(t, s, claim("reclaim-"+strings.ToLower(string(policy)), "1Mi"))
		disk := storagetest.Disk(t, s, c)
		volume := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: c.Spec.VolumeName}}
		storagetest.Until(t, s, volume, func(v *corev1.PersistentVolume) string {
			v.Spec.PersistentVolumeReclaimPolicy = policy
			if err := s.Client.Update(context.Background(), v); err != nil {
				return err.Error()
			}
			return ""
		})
		remove(t, s, c)
		if stays {
			storagetest.Until(t, s, volume, func(v *corev1.PersistentVolume) string {
				if v.Status.Phase != corev1.VolumeReleased {
					return "its phase is " + string(v.Status.Phase)
				}
				return ""
			})
		} else {
			gone(t, s, volume)
		}
		if _, err := os.Stat(disk); (err == nil) != stays {
			t.Errorf("%s: the file is there: %t, want %t", policy, err == nil, stays)
		}
	}
}

func populator(t *testing.T, s *site.Site) {
	c := claim("populated", "1Mi")
	c.Spec.DataSourceRef = &corev1.TypedObjectReference{APIGroup: ptr.To("cdi.kubevirt.io"), Kind: "VolumeImportSource", Name: "any"}
	storagetest.Create(t, s, c)
	// A claim that was made later has its volume before we look.
	bound(t, s, claim("after-populated", "1Mi"))
	storagetest.Until(t, s, c, func(c *corev1.PersistentVolumeClaim) string {
		if c.Spec.VolumeName != "" {
			return "it has volume " + c.Spec.VolumeName
		}
		return ""
	})
}

func full(t *testing.T, s *site.Site) {
	class := &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name: "nearly-full", Annotations: map[string]string{site.FaultPrefix + storage.FaultCapacity: "8Mi"},
		},
		Provisioner: storage.Driver,
	}
	storagetest.Create(t, s, class)
	c := claim("no-room", "16Mi")
	c.Spec.StorageClassName = ptr.To(class.Name)
	storagetest.Create(t, s, c)
	event(t, s, c.Name, "ProvisioningFailed", "no space left")
	delete(class.Annotations, site.FaultPrefix+storage.FaultCapacity)
	if err := s.Client.Update(context.Background(), class); err != nil {
		t.Fatal(err)
	}
	storagetest.Until(t, s, c, storagetest.Bound)
}

func slow(t *testing.T, s *site.Site) {
	s.Faults.Set(site.Fault{Name: storage.FaultProvision, Target: namespace + "/slow", Value: "2s"})
	began := time.Now()
	bound(t, s, claim("slow", "1Mi"))
	// Objects are stamped with whole seconds.
	if took := time.Since(began); took < time.Second {
		t.Errorf("it took %s, want about 2s", took)
	}
}

func snapshotFails(t *testing.T, s *site.Site) {
	source := bound(t, s, claim("failing-source", "1Mi"))
	s.Faults.Set(site.Fault{Name: storage.FaultSnapshot, Target: namespace + "/failing", Value: "fail"})
	taken := take(t, s, "failing", source.Name)
	storagetest.Until(t, s, taken, func(s *snapshotv1.VolumeSnapshot) string {
		if s.Status == nil || s.Status.Error == nil || !strings.Contains(ptr.Deref(s.Status.Error.Message, ""), "told to fail") {
			return "it has no error"
		}
		return ""
	})
}

func tooSmall(t *testing.T, s *site.Site) {
	source := bound(t, s, claim("large", "32Mi"))
	target := claim("small", "16Mi")
	target.Spec.DataSourceRef = &corev1.TypedObjectReference{Kind: "PersistentVolumeClaim", Name: source.Name}
	storagetest.Create(t, s, target)
	event(t, s, target.Name, "ProvisioningFailed", "requested volume size 16777216 is less than the size 33554432")
}

func profiles(t *testing.T, s *site.Site) {
	for _, name := range []string{storage.Fast, storage.Bulk} {
		storagetest.Until(t, s, &cdiv1.StorageProfile{ObjectMeta: metav1.ObjectMeta{Name: name}}, func(p *cdiv1.StorageProfile) string {
			if len(p.Spec.ClaimPropertySets) == 0 || *p.Spec.ClaimPropertySets[0].VolumeMode != corev1.PersistentVolumeBlock {
				return "it does not prefer raw volumes"
			}
			return ""
		})
	}
}

func claim(name, size string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			VolumeMode:  ptr.To(corev1.PersistentVolumeBlock),
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}},
		},
	}
}

func bound(t *testing.T, s *site.Site, c *corev1.PersistentVolumeClaim) *corev1.PersistentVolumeClaim {
	t.Helper()
	storagetest.Create(t, s, c)
	return storagetest.Until(t, s, c, storagetest.Bound)
}

func take(t *testing.T, s *site.Site, name, source string) *snapshotv1.VolumeSnapshot {
	t.Helper()
	snapshot := &snapshotv1.VolumeSnapshot{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: snapshotv1.VolumeSnapshotSpec{
			VolumeSnapshotClassName: ptr.To(storage.SnapshotClass),
			Source:                  snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: &source},
		},
	}
	storagetest.Create(t, s, snapshot)
	return snapshot
}

// scribble writes a megabyte of chance bytes in the middle of a claim's disk
// and returns all of the disk.
func scribble(t *testing.T, s *site.Site, c *corev1.PersistentVolumeClaim) []byte {
	t.Helper()
	path := storagetest.Disk(t, s, c)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1 << 20 {
		content[len(content)/2+i] = byte(rand.Uint32())
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteAt(content[len(content)/2:][:1<<20], int64(len(content)/2)); err != nil {
		t.Fatal(err)
	}
	return content
}

// same checks that a claim's disk begins with the bytes and is zero after them.
func same(t *testing.T, s *site.Site, c *corev1.PersistentVolumeClaim, want []byte) {
	t.Helper()
	got, err := os.ReadFile(storagetest.Disk(t, s, c))
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		w := byte(0)
		if i < len(want) {
			w = want[i]
		}
		if got[i] != w {
			t.Fatalf("byte %d of %s is %d, want %d", i, c.Name, got[i], w)
		}
	}
	if len(got) < len(want) {
		t.Errorf("%s has %d bytes, want at least %d", c.Name, len(got), len(want))
	}
}

func remove(t *testing.T, s *site.Site, object client.Object) {
	t.Helper()
	if err := s.Client.Delete(context.Background(), object); err != nil {
		t.Fatal(err)
	}
}

func gone(t *testing.T, s *site.Site, object client.Object) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		err := s.Client.Get(context.Background(), client.ObjectKeyFromObject(object), object)
		if apierrors.IsNotFound(err) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%T %s is still there: %v", object, object.GetName(), err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// event waits for an event on an object of the namespace.
func event(t *testing.T, s *site.Site, name, reason, words string) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		var all corev1.EventList
		if err := s.Client.List(context.Background(), &all, client.InNamespace(namespace)); err != nil {
			t.Fatal(err)
		}
		for _, e := range all.Items {
			if e.InvolvedObject.Name == name && e.Reason == reason && strings.Contains(e.Message, words) {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("no event %s with %q on %s", reason, words, name)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
