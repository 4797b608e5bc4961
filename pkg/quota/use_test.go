package quota

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
)

// claim is a volume that machines use.
func claim(name, asks, has, owners string) *corev1.PersistentVolumeClaim {
	c := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: name, Annotations: map[string]string{harvesterv1.AnnotationOwnedBy: owners},
	}}
	c.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(asks)}
	if has != "" {
		c.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(has)}
	}
	return c
}

// snapshot is one of a claim; size is what its driver says, if anything.
func snapshot(of, size string) csi.VolumeSnapshot {
	s := csi.Take("default", of, "of-"+of, "", nil)
	if size != "" {
		s.Status = &csi.VolumeSnapshotStatus{RestoreSize: ptr.To(resource.MustParse(size))}
	}
	return *s
}

func TestUseOf(t *testing.T) {
	const mebi = 1 << 20
	claims := map[string]*corev1.PersistentVolumeClaim{
		"root":   claim("root", "10Mi", "11Mi", `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`),
		"new":    claim("new", "10Mi", "", `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`),
		"shared": claim("shared", "4Mi", "4Mi", `[{"schema":"kubevirt.io.virtualmachine","refs":["default/db","default/web","other/web"]}]`),
		"loose":  claim("loose", "2Mi", "2Mi", ""),
		"broken": claim("broken", "1Mi", "1Mi", "nonsense"),
	}
	cases := map[string]struct {
		reason    string
		snapshots []csi.VolumeSnapshot
		want      Use
	}{
		"None":    {"nothing takes nothing", nil, Use{}},
		"Said":    {"the driver knows", []csi.VolumeSnapshot{snapshot("root", "12Mi")}, Use{12 * mebi, map[string]int64{"web": 12 * mebi}}},
		"Unsaid":  {"until it says so, the volume does", []csi.VolumeSnapshot{snapshot("root", "")}, Use{11 * mebi, map[string]int64{"web": 11 * mebi}}},
		"Unmade":  {"or what it is to be", []csi.VolumeSnapshot{snapshot("new", "")}, Use{10 * mebi, map[string]int64{"web": 10 * mebi}}},
		"Nothing": {"a driver that says 0 does not know", []csi.VolumeSnapshot{snapshot("loose", "0")}, Use{Namespace: 2 * mebi}},
		"Shared":  {"each machine that has the volume counts it", []csi.VolumeSnapshot{snapshot("shared", "4Mi")}, Use{4 * mebi, map[string]int64{"db": 4 * mebi, "web": 4 * mebi}}},
		"Gone":    {"without its volume a snapshot is the namespace's alone", []csi.VolumeSnapshot{snapshot("gone", "3Mi"), snapshot("never", "")}, Use{Namespace: 3 * mebi}},
		"Broken":  {"what cannot be read names no machine", []csi.VolumeSnapshot{snapshot("broken", "")}, Use{Namespace: mebi}},
		"Several": {"they add up", []csi.VolumeSnapshot{snapshot("root", "12Mi"), snapshot("root", "11Mi"), snapshot("loose", "")}, Use{25 * mebi, map[string]int64{"web": 23 * mebi}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.want.Machines == nil {
				tc.want.Machines = map[string]int64{}
			}
			if diff := cmp.Diff(tc.want, UseOf(tc.snapshots, claims)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestRoom(t *testing.T) {
	const gibi = 1 << 30
	limit := harvesterv1.SnapshotLimit{NamespaceTotalSnapshotSizeQuota: 10 * gibi, VMTotalSnapshotSizeQuota: map[string]int64{"web": 4 * gibi}}
	wish := func(size int64, machines ...string) Wish {
		return Wish{Namespace: "default", Claim: "data", Machines: machines, Size: size * gibi}
	}
	const advice = "Delete some of them, or have the quota default-resource-quota of namespace default made larger."
	cases := map[string]struct {
		reason string
		limit  harvesterv1.SnapshotLimit
		use    Use
		wish   Wish
		want   string
	}{
		"Unlimited": {"who has no limit has room", harvesterv1.SnapshotLimit{}, Use{Namespace: 100 * gibi}, wish(100, "web"), ""},
		"Room":      {"all of it may be used", limit, Use{Namespace: 6 * gibi}, wish(4, "web"), ""},
		"Namespace": {
			"and no more", limit, Use{Namespace: 6 * gibi}, wish(5),
			"The snapshots of namespace default take 6Gi of the 10Gi that they may take, and one of volume data takes 5Gi more. " + advice,
		},
		"Machine": {
			"a machine has its own", limit, Use{Namespace: 2 * gibi, Machines: map[string]int64{"web": 2 * gibi}}, wish(3, "db", "web"),
			"The snapshots of machine web take 2Gi of the 4Gi that they may take, and one of volume data takes 3Gi more. " + advice,
		},
		"Another": {"others do not take it", limit, Use{Namespace: 4 * gibi, Machines: map[string]int64{"db": 4 * gibi}}, wish(4, "web"), ""},
		"Over":    {"a limit that came later lets nothing in", limit, Use{Namespace: 20 * gibi}, wish(0), "The snapshots of namespace default take 20Gi of the 10Gi that they may take, and one of volume data takes 0 more. " + advice},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Room(tc.limit, tc.use, tc.wish)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
