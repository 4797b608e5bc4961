package handler

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// TestVolumeMoves moves a guest whose disk goes with it to another, larger volume.
func TestVolumeMoves(t *testing.T) {
	h := newRealHandler(t)
	claim := &corev1.PersistentVolumeClaim{}
	claim.Namespace, claim.Name, claim.Spec.VolumeName = "default", "fast-root", "fast"
	volume := &corev1.PersistentVolume{}
	volume.Name, volume.Spec.CSI = "fast", &corev1.CSIPersistentVolumeSource{VolumeHandle: "fast"}
	from, to := h.site.VolumePath("pv"), h.site.VolumePath("fast")
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, bytes.Repeat([]byte("old"), 1<<19), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.site.Client.Create(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	if err := h.site.Client.Create(t.Context(), volume); err != nil {
		t.Fatal(err)
	}
	vmi := h.until(t, "Running", inPhase(kubevirtv1.Running))
	on := &kubevirtv1.PersistentVolumeClaimVolumeSource{}
	on.ClaimName = claim.Name
	vmi.Spec.Volumes[0].VolumeSource = kubevirtv1.VolumeSource{PersistentVolumeClaim: on}
	vmi.Status.MigratedVolumes = []kubevirtv1.StorageMigratedVolumeInfo{{
		VolumeName:         "root",
		SourcePVCInfo:      &kubevirtv1.PersistentVolumeClaimInfo{ClaimName: "web-root"},
		DestinationPVCInfo: &kubevirtv1.PersistentVolumeClaimInfo{ClaimName: claim.Name},
	}}
	if err := h.site.Client.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	h.move(t, "m1")
	vmi = h.until(t, "moved", func(v *kubevirtv1.VirtualMachineInstance) bool {
		m := v.Status.MigrationState
		return m.EndTimestamp != nil && m.Completed && v.Labels[kubevirtv1.MigrationTargetNodeNameLabel] == ""
	})
	if m := vmi.Status.MigrationState; m.Failed || len(vmi.Status.MigratedVolumes) > 0 {
		t.Fatalf("it has moved, and nothing is left to move: %+v, %+v", m, vmi.Status.MigratedVolumes)
	}
	before, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after[:len(before)]) || bytes.Contains(after, []byte("old")) || len(after) != 3<<19 {
		t.Errorf("the new volume has the bytes of the old one, and its own size: %d bytes, then %d", len(before), len(after))
	}
	dom, err := h.find(t.Context(), vmi, "site-1-node-2")
	if err != nil {
		t.Fatal(err)
	}
	if disks := dom.(emulated).Hardware().Disks; len(disks) != 1 || disks[0].File != to {
		t.Errorf("the guest runs on it: %+v", disks)
	}
}
