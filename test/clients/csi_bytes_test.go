package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	harvesterv1 "github.com/harvester/harvester/pkg/apis/harvesterhci.io/v1beta1"
	"github.com/harvester/harvester/pkg/settings"
	"github.com/harvester/harvester/pkg/util"
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v4/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// Labels by which the CSI driver knows its snapshots, and makes volumes of them.
const (
	labelSnapClass = "harvesterhci.io/snapHostSC"
	labelSnapMode  = "harvesterhci.io/snapHostVolumeMode"
)

// set gives a setting a value until the test ends.
func (s *site) set(t *testing.T, name, value string) {
	t.Helper()
	before := s.write(context.Background(), t, name, value)
	t.Cleanup(func() { s.write(context.Background(), t, name, before) })
}

// write gives a setting a value, and answers the one before.
func (s *site) write(ctx context.Context, t *testing.T, name, value string) (before string) {
	t.Helper()
	client := s.harvester.HarvesterhciV1beta1().Settings()
	if err := changed(ctx, client.Get, client.Update, name, func(setting *harvesterv1.Setting) {
		before, setting.Value = setting.Value, value
	}); err != nil {
		t.Fatalf("setting %s: %v", name, err)
	}
	return before
}

// driver is the CSI driver of the site's default class.
func (s *site) driver(t *testing.T) string {
	t.Helper()
	class, err := s.kube.StorageV1().StorageClasses().Get(t.Context(), s.class(t), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return class.Provisioner
}

// grow has a volume grow while the node has it, as far as the site's administrator says that its driver can, and while no
// node has it.
func (d csiDriver) grow(admin *site) func(*testing.T) {
	return func(t *testing.T) {
		d.create(t, "pvc-grown", "", "32Mi")
		d.attach(t, "pvc-grown")
		if err := d.expand(t, "pvc-grown", "64Mi"); !apierrors.IsInvalid(err) {
			t.Errorf("a volume in use grows when its driver is known to do that: %v", err)
		}
		admin.set(t, settings.CSIOnlineExpandValidationSettingName, fmt.Sprintf(`{%q:true}`, admin.driver(t)))
		eventually(t, "the setting is obeyed", func() error { return d.expand(t, "pvc-grown", "64Mi") })
		eventually(t, "the node has the larger disk", func() error {
			_, vmi := d.now(t)
			status := hotplugged(vmi, "pvc-grown")
			if status == nil || status.PersistentVolumeClaimInfo == nil || status.Phase != kubevirtv1.VolumeReady {
				return fmt.Errorf("its status is %+v", status)
			}
			if has := status.PersistentVolumeClaimInfo.Capacity[corev1.ResourceStorage]; has.String() != "64Mi" {
				return fmt.Errorf("it has %s", has.String())
			}
			return nil
		})
		d.detach(t, "pvc-grown", d.pullByPatch)
		if err := d.expand(t, "pvc-grown", "96Mi"); err != nil {
			t.Errorf("a volume that no node has grows: %v", err)
		}
		d.remove(t, "pvc-grown")
	}
}

// snapshotClass is the snapshot class that the site names for the driver that has made a volume. The default has to be
// understood, too, whatever it names.
func (d csiDriver) snapshotClass(t *testing.T, claim *corev1.PersistentVolumeClaim) string {
	t.Helper()
	setting, err := d.harvester.HarvesterhciV1beta1().Settings().Get(t.Context(), settings.CSIDriverConfigSettingName, metav1.GetOptions{})
	if err != nil {
		t.Fatalf("the classes of snapshots: %v", err)
	}
	for _, text := range []string{setting.Default, setting.Value} {
		classes := map[string]settings.CSIDriverInfo{}
		if err := json.Unmarshal([]byte(text), &classes); err != nil {
			t.Fatalf("the classes of snapshots, %q: %v", text, err)
		}
		if class := classes[claim.Annotations[util.AnnStorageProvisioner]].VolumeSnapshotClassName; class != "" {
			return class
		}
	}
	t.Fatalf("no class of snapshots for %s: %+v", claim.Annotations[util.AnnStorageProvisioner], setting)
	return ""
}

// snapshot keeps what is in a volume, finds it, makes a volume of it, and removes both.
func (d csiDriver) snapshot(admin *site) func(*testing.T) {
	return func(t *testing.T) {
		admin.set(t, settings.CSIDriverConfigSettingName, fmt.Sprintf(`{%q:{"volumeSnapshotClassName":%q}}`, admin.driver(t), admin.snapshotsOf(t)))
		d.create(t, "pvc-kept", "", "32Mi")
		snapshots := d.harvester.SnapshotV1().VolumeSnapshots(d.namespace)
		if _, err := snapshots.Get(t.Context(), "snapshot-kept", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("it is not there yet: %v", err)
		}
		taken := d.take(t, "snapshot-kept", "pvc-kept")
		list, err := snapshots.List(t.Context(), metav1.ListOptions{Limit: 10})
		if err != nil || len(list.Items) != 1 || *list.Items[0].Spec.Source.PersistentVolumeClaimName != "pvc-kept" {
			t.Errorf("it is listed: %+v, %v", list, err)
		}
		class, mode := taken.Labels[labelSnapClass], corev1.PersistentVolumeMode(taken.Labels[labelSnapMode])
		restored := d.claim("pvc-restored", taken.Status.RestoreSize.String(), nil)
		group := snapshotv1.GroupName
		restored.Spec.StorageClassName, restored.Spec.VolumeMode = &class, &mode
		restored.Spec.DataSource = &corev1.TypedLocalObjectReference{APIGroup: &group, Kind: "VolumeSnapshot", Name: taken.Name}
		d.makeClaim(t, restored)
		d.remove(t, "pvc-restored")
		if err := snapshots.Delete(t.Context(), taken.Name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		gone(t, "snapshot", func() error {
			_, err := snapshots.Get(t.Context(), taken.Name, metav1.GetOptions{})
			return err
		})
		d.remove(t, "pvc-kept")
	}
}

// take makes a snapshot and waits until a volume can be made of it.
func (d csiDriver) take(t *testing.T, name, of string) *snapshotv1.VolumeSnapshot {
	t.Helper()
	claim, err := d.kube.CoreV1().PersistentVolumeClaims(d.namespace).Get(t.Context(), of, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	class := d.snapshotClass(t, claim)
	snapshots := d.harvester.SnapshotV1().VolumeSnapshots(d.namespace)
	found, err := snapshots.Create(t.Context(), &snapshotv1.VolumeSnapshot{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: d.namespace, Labels: map[string]string{
			labelSnapClass: *claim.Spec.StorageClassName, labelSnapMode: string(*claim.Spec.VolumeMode),
		}},
		Spec: snapshotv1.VolumeSnapshotSpec{
			Source: snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: &of}, VolumeSnapshotClassName: &class,
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the snapshot is ready", func() (err error) {
		if found, err = snapshots.Get(t.Context(), name, metav1.GetOptions{}); err != nil {
			return err
		}
		if status := found.Status; status == nil || status.ReadyToUse == nil || !*status.ReadyToUse || status.RestoreSize == nil || status.CreationTime == nil {
			return fmt.Errorf("its status is %+v", status)
		}
		return nil
	})
	return found
}

// snapshotsOf is a snapshot class of the site's driver.
func (s *site) snapshotsOf(t *testing.T) string {
	t.Helper()
	classes, err := s.harvester.SnapshotV1().VolumeSnapshotClasses().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range classes.Items {
		if class.Driver == s.driver(t) {
			return class.Name
		}
	}
	t.Fatal("the site's driver has no class of snapshots")
	return ""
}
