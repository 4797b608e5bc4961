package storage

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

func TestCalls(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		change func(*corev1.PersistentVolumeClaim)
		want   bool
		origin origin
	}{
		"Empty":    {reason: "A claim that the volume binder hands us is ours.", want: true},
		"Bound":    {reason: "It has a volume.", change: func(c *corev1.PersistentVolumeClaim) { c.Spec.VolumeName = "v" }},
		"Deleted":  {reason: "It is going.", change: func(c *corev1.PersistentVolumeClaim) { c.DeletionTimestamp = ptr.To(metav1.Now()) }},
		"Foreign":  {reason: "Another driver is called.", change: func(c *corev1.PersistentVolumeClaim) { c.Annotations[provisionerAnnotation] = "other" }},
		"Clone":    {reason: "We clone claims.", change: from("", "PersistentVolumeClaim"), want: true, origin: aClaim},
		"Restore":  {reason: "We restore snapshots.", change: from(snapshotv1.GroupName, "VolumeSnapshot"), want: true, origin: aSnapshot},
		"Populate": {reason: "CDI fills it and hands over another volume.", change: from("cdi.kubevirt.io", "VolumeImportSource"), origin: somebodyElse},
		"Alike":    {reason: "The kind alone says nothing.", change: from("example.org", "VolumeSnapshot"), origin: somebodyElse},
	} {
		claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{provisionerAnnotation: Driver}}}
		if c.change != nil {
			c.change(claim)
		}
		if got := calls(claim); got != c.want {
			t.Errorf("%s: %s got %t, want %t", name, c.reason, got, c.want)
		}
		if got := originOf(claim); got != c.origin {
			t.Errorf("%s: %s got origin %d, want %d", name, c.reason, got, c.origin)
		}
	}
}

func from(group, kind string) func(*corev1.PersistentVolumeClaim) {
	return func(c *corev1.PersistentVolumeClaim) {
		c.Spec.DataSourceRef = &corev1.TypedObjectReference{APIGroup: &group, Kind: kind, Name: "source"}
	}
}

func TestFate(t *testing.T) {
	for name, c := range map[string]struct {
		reason  string
		driver  string
		phase   corev1.PersistentVolumePhase
		policy  corev1.PersistentVolumeReclaimPolicy
		deleted bool
		want    fate
	}{
		"Bound":         {"Somebody has it.", Driver, corev1.VolumeBound, corev1.PersistentVolumeReclaimDelete, false, keep},
		"Released":      {"Nobody has it any more.", Driver, corev1.VolumeReleased, corev1.PersistentVolumeReclaimDelete, false, removeAll},
		"Retained":      {"Its bytes were to stay.", Driver, corev1.VolumeReleased, corev1.PersistentVolumeReclaimRetain, false, keep},
		"DeletedBound":  {"Its claim goes first.", Driver, corev1.VolumeBound, corev1.PersistentVolumeReclaimDelete, true, keep},
		"Deleted":       {"A person deleted it.", Driver, corev1.VolumeReleased, corev1.PersistentVolumeReclaimDelete, true, removeAll},
		"DeletedRetain": {"Only the object goes.", Driver, corev1.VolumeReleased, corev1.PersistentVolumeReclaimRetain, true, release},
		"Foreign":       {"It is another driver's.", "other", corev1.VolumeReleased, corev1.PersistentVolumeReclaimDelete, false, keep},
	} {
		volume := &corev1.PersistentVolume{
			Spec: corev1.PersistentVolumeSpec{
				PersistentVolumeReclaimPolicy: c.policy,
				PersistentVolumeSource:        corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: c.driver}},
			},
			Status: corev1.PersistentVolumeStatus{Phase: c.phase},
		}
		if c.deleted {
			volume.DeletionTimestamp = ptr.To(metav1.Now())
		}
		if got := fateOf(volume); got != c.want {
			t.Errorf("%s: %s got %d, want %d", name, c.reason, got, c.want)
		}
	}
}

func TestTrouble(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		reason, value string
		ordered       bool
		began         time.Time
		wait          time.Duration
		fails         bool
	}{
		"None":   {reason: "Nobody ordered any."},
		"Fail":   {reason: "It fails at once.", value: "fail", ordered: true, began: now, fails: true},
		"Slow":   {reason: "It waits for the rest of the time.", value: "30s", ordered: true, began: now.Add(-10 * time.Second), wait: 20 * time.Second},
		"Served": {reason: "The time is over.", value: "30s", ordered: true, began: now.Add(-time.Minute)},
	} {
		wait, fails := trouble(c.value, c.ordered, c.began, now)
		if wait != c.wait || fails != c.fails {
			t.Errorf("%s: %s got %s, %t, want %s, %t", name, c.reason, wait, fails, c.wait, c.fails)
		}
	}
}

func TestRoom(t *testing.T) {
	for name, c := range map[string]struct {
		limit, used, more int64
		full              bool
	}{"Fits": {10, 4, 6, false}, "Full": {10, 4, 7, true}, "Over": {10, 12, 1, true}} {
		if err := room(c.limit, c.used, c.more); (err != nil) != c.full {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestVolumes checks what no API server is needed for: holes stay holes, and
// what is made twice is made once.
func TestVolumes(t *testing.T) {
	dir := t.TempDir()
	v := volumes{path: func(h string) string { return filepath.Join(dir, h, "disk.img") }, snapshots: filepath.Join(dir, "snapshots")}
	if err := v.create(t.Context(), "a", 1<<30, ""); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(v.path("a"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []byte("in the middle")
	if _, err := file.WriteAt(want, 1<<29); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := v.create(t.Context(), "b", 1<<30+4096, v.path("a")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	copied, err := os.Open(v.path("b"))
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if _, err := copied.ReadAt(got, 1<<29); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the copy: -want +got:\n%s", diff)
	}
	if used := blocks(t, v.path("b")); used > 1<<20 {
		t.Errorf("the copy of a sparse GiB uses %d bytes", used)
	}
	if size, err := v.size("b"); err != nil || size != 1<<30+4096 {
		t.Errorf("the copy has %d bytes, %v", size, err)
	}
	if err := v.create(t.Context(), "a", 1, ""); err != nil {
		t.Fatal(err)
	}
	if size, err := v.size("a"); err != nil || size != 1<<30 {
		t.Errorf("making a volume again changed it: %d bytes, %v", size, err)
	}
}
