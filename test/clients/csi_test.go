package clients

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/harvester/harvester/pkg/settings"
	"github.com/harvester/harvester/pkg/util"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/version"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// csiDriver is the CSI driver of the guest cluster, with what its credential lets it do. Its volumes have the names that
// the guest cluster gives its own.
type csiDriver struct{ life }

// errAgain is what the driver answers when the guest cluster is to ask again.
var errAgain = errors.New("not yet")

// start is what the driver asks before it serves anything.
func (d csiDriver) start(t *testing.T) {
	server, err := d.harvester.HarvesterhciV1beta1().Settings().Get(t.Context(), settings.ServerVersionSettingName, metav1.GetOptions{})
	if err != nil {
		t.Fatalf("without the server's version it ends: %v", err)
	}
	if number, err := version.ParseSemantic(server.Value); err != nil || number.LessThan(version.MustParseSemantic("v1.8.0")) {
		t.Errorf("from 1.8 on it plugs volumes in by what the machine declares: %s, %v", server.Value, err)
	}
	shared := d.harvester.HarvesterhciV1beta1().RESTClient().Get().Namespace("harvester-system").Resource("networkfilesystems").Do(t.Context()).Error()
	if shared == nil {
		t.Error("it would offer volumes that several nodes share, which this site does not have")
	}
	instances, err := d.harvester.KubevirtV1().VirtualMachineInstances(d.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(instances.Items) != 1 || instances.Items[0].Status.Interfaces[0].MAC == "" {
		t.Errorf("a node finds its machine by a hardware address: %+v, %v", instances, err)
	}
}

// create makes a volume, which is a claim without a class when the guest's class names none of the site's.
func (d csiDriver) create(t *testing.T, name, class, size string) {
	t.Helper()
	claim := d.claim(name, size, nil)
	claim.Annotations = nil
	if class != "" {
		if _, err := d.kube.StorageV1().StorageClasses().Get(t.Context(), class, metav1.GetOptions{}); err != nil {
			t.Fatalf("the class that the guest's class names: %v", err)
		}
		claim.Spec.StorageClassName = &class
	}
	d.makeClaim(t, claim)
}

// remove deletes a volume.
func (d csiDriver) remove(t *testing.T, name string) {
	t.Helper()
	if err := d.kube.CoreV1().PersistentVolumeClaims(d.namespace).Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	d.claimGone(t, name)
}

// attach plugs a volume into the node, again and again until it is there.
func (d csiDriver) attach(t *testing.T, name string) {
	t.Helper()
	d.plug(t, name, d.plugByPatch)
}

func (d csiDriver) plug(t *testing.T, name string, plug func(*testing.T, string) error) {
	t.Helper()
	eventually(t, name+" is plugged in", func() error {
		if err := d.settled(t, name); err != nil {
			return err
		}
		vm, vmi := d.now(t)
		if !inMachine(vm, name) {
			if err := plug(t, name); err != nil {
				return err
			}
			return errAgain
		}
		if status := hotplugged(vmi, name); status == nil || status.Phase != kubevirtv1.VolumeReady || status.Target == "" {
			return fmt.Errorf("%w: its status is %+v", errAgain, status)
		}
		return nil
	})
}

// settled asks whether the volume is there and no other node of the site has it.
func (d csiDriver) settled(t *testing.T, name string) error {
	t.Helper()
	claim, err := d.kube.CoreV1().PersistentVolumeClaims(d.namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("%w: %w", errEnd, err)
	}
	if claim.Status.Phase != corev1.ClaimBound {
		return errAgain
	}
	attachments, err := d.kube.StorageV1().VolumeAttachments().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("%w: which nodes have which volumes: %w", errEnd, err)
	}
	_, vmi := d.now(t)
	for _, attachment := range attachments.Items {
		if of := attachment.Spec.Source.PersistentVolumeName; of != nil && *of == claim.Spec.VolumeName && attachment.Spec.NodeName != vmi.Status.NodeName {
			return fmt.Errorf("%w: node %s has it", errAgain, attachment.Spec.NodeName)
		}
	}
	return nil
}

// detach pulls a volume out of the node, again and again until neither the machine nor its instance has it.
func (d csiDriver) detach(t *testing.T, name string, pull func(*testing.T, string) error) {
	t.Helper()
	eventually(t, name+" is out", func() error {
		vm, vmi := d.now(t)
		if inMachine(vm, name) {
			if err := pull(t, name); err != nil {
				return err
			}
			return errAgain
		}
		if hotplugged(vmi, name) != nil {
			return errAgain
		}
		return nil
	})
}

// inMachine says whether the machine is to have a volume.
func inMachine(vm *kubevirtv1.VirtualMachine, name string) bool {
	return slices.ContainsFunc(vm.Spec.Template.Spec.Volumes, func(volume kubevirtv1.Volume) bool { return volume.Name == name })
}

// hotplugged is the status of a volume that was plugged in, nil when it was not.
func hotplugged(vmi *kubevirtv1.VirtualMachineInstance, name string) *kubevirtv1.VolumeStatus {
	for i, status := range vmi.Status.VolumeStatus {
		if status.Name == name && status.HotplugVolume != nil {
			return &vmi.Status.VolumeStatus[i]
		}
	}
	return nil
}

// disk is a disk that can be plugged in. The driver gives it no serial number.
func disk() *kubevirtv1.Disk {
	return &kubevirtv1.Disk{DiskDevice: kubevirtv1.DiskDevice{Disk: &kubevirtv1.DiskTarget{Bus: "scsi"}}}
}

func claimSource(name string, hotpluggable bool) *kubevirtv1.PersistentVolumeClaimVolumeSource {
	return &kubevirtv1.PersistentVolumeClaimVolumeSource{
		PersistentVolumeClaimVolumeSource: corev1.PersistentVolumeClaimVolumeSource{ClaimName: name}, Hotpluggable: hotpluggable,
	}
}

// plugByPatch is how the driver does it from Harvester 1.8 on: nobody may have changed the machine meanwhile.
func (d csiDriver) plugByPatch(t *testing.T, name string) error {
	volume := kubevirtv1.Volume{Name: name, VolumeSource: kubevirtv1.VolumeSource{PersistentVolumeClaim: claimSource(name, true)}}
	device := disk()
	device.Name = name
	vm, _ := d.now(t)
	return d.patch(t, vm, map[string]any{"op": "add", "path": "/spec/template/spec/volumes/-", "value": volume},
		map[string]any{"op": "add", "path": "/spec/template/spec/domain/devices/disks/-", "value": device})
}

func (d csiDriver) pullByPatch(t *testing.T, name string) error {
	vm, _ := d.now(t)
	return d.without(t, vm, name)
}

// without takes volumes out of what the machine declares.
func (d csiDriver) without(t *testing.T, vm *kubevirtv1.VirtualMachine, names ...string) error {
	t.Helper()
	spec := vm.Spec.Template.Spec
	volumes := slices.DeleteFunc(slices.Clone(spec.Volumes), func(volume kubevirtv1.Volume) bool { return slices.Contains(names, volume.Name) })
	disks := slices.DeleteFunc(slices.Clone(spec.Domain.Devices.Disks), func(disk kubevirtv1.Disk) bool { return slices.Contains(names, disk.Name) })
	return d.patch(t, vm, map[string]any{"op": "replace", "path": "/spec/template/spec/volumes", "value": volumes},
		map[string]any{"op": "replace", "path": "/spec/template/spec/domain/devices/disks", "value": disks})
}

// patch changes the machine, unless somebody has changed it since it was read: then the driver is asked again.
func (d csiDriver) patch(t *testing.T, read *kubevirtv1.VirtualMachine, steps ...map[string]any) error {
	t.Helper()
	unchanged := map[string]any{"op": "test", "path": "/metadata/resourceVersion", "value": read.ResourceVersion}
	body, err := json.Marshal(append([]map[string]any{unchanged}, steps...))
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.harvester.KubevirtV1().VirtualMachines(d.namespace).Patch(t.Context(), d.name, types.JSONPatchType, body, metav1.PatchOptions{})
	if apierrors.IsForbidden(err) {
		return fmt.Errorf("%w: %w", errEnd, err)
	}
	return err
}

// plugByVerb is how the driver did it before; that the volume is hotpluggable is for the server to say.
func (d csiDriver) plugByVerb(t *testing.T, name string) error {
	return d.tryPut(t, "virtualmachines", "addvolume", kubevirtv1.AddVolumeOptions{
		Name: name, Disk: disk(), VolumeSource: &kubevirtv1.HotplugVolumeSource{PersistentVolumeClaim: claimSource(name, false)},
	})
}

func (d csiDriver) pullByVerb(t *testing.T, name string) error {
	return d.tryPut(t, "virtualmachines", "removevolume", kubevirtv1.RemoveVolumeOptions{Name: name})
}

// volume is the life of a volume of the guest cluster's.
func (d csiDriver) volume(t *testing.T) {
	d.create(t, "pvc-patched", "", "32Mi")
	d.attach(t, "pvc-patched")
	d.attach(t, "pvc-patched") // what is there is not plugged in twice
	if err := d.kube.CoreV1().PersistentVolumeClaims(d.namespace).Delete(t.Context(), "pvc-patched", metav1.DeleteOptions{}); err == nil {
		t.Error("a volume that the node has is not removed")
	}
	d.detach(t, "pvc-patched", d.pullByPatch)
	d.remove(t, "pvc-patched")
}

// lost takes everything that was plugged in out of a node that the guest cluster has lost and whose machine does not run:
// other nodes may need it.
func (d csiDriver) lost(t *testing.T) {
	eventually(t, "the lost node has no volumes", func() error {
		vm, err := d.machine(t.Context())
		if err != nil {
			return err
		}
		at := slices.IndexFunc(vm.Status.Conditions, func(c kubevirtv1.VirtualMachineCondition) bool { return c.Type == kubevirtv1.VirtualMachineReady })
		if at < 0 || vm.Status.Conditions[at].Status != corev1.ConditionFalse {
			return fmt.Errorf("that it is not ready is what says that it is lost: %+v", vm.Status.Conditions)
		}
		var plugged []string
		for _, volume := range vm.Spec.Template.Spec.Volumes {
			if claim := volume.PersistentVolumeClaim; claim != nil && claim.Hotpluggable {
				plugged = append(plugged, volume.Name)
			}
		}
		if len(plugged) == 0 {
			return nil
		}
		if err := d.without(t, vm, plugged...); err != nil {
			return err
		}
		return errAgain
	})
	d.remove(t, "pvc-lost")
}

// volumeByVerb is the life of a volume with a driver from before Harvester 1.8, on a class that the guest names.
func (d csiDriver) volumeByVerb(t *testing.T) {
	d.create(t, "pvc-added", d.class(t), "32Mi")
	d.plug(t, "pvc-added", d.plugByVerb)
	d.detach(t, "pvc-added", d.pullByVerb)
	d.remove(t, "pvc-added")
}

// filesystem is the life of a volume on storage that has no devices: a file system with an empty disk in it, which is what
// the node gets.
func (d csiDriver) filesystem(t *testing.T) {
	claim := d.claim("pvc-filed", "32Mi", nil)
	claim.Annotations = map[string]string{util.AnnotationVolForVM: "true"}
	*claim.Spec.VolumeMode = corev1.PersistentVolumeFilesystem
	d.makeClaim(t, claim)
	d.attach(t, "pvc-filed")
	d.detach(t, "pvc-filed", d.pullByPatch)
	d.remove(t, "pvc-filed")
}

// expand has a volume grow, and waits until it has. The driver looks first whether the volume is in use.
func (d csiDriver) expand(t *testing.T, name, size string) error {
	t.Helper()
	if pods, err := d.kube.CoreV1().Pods(d.namespace).List(t.Context(), metav1.ListOptions{}); err != nil || len(pods.Items) == 0 {
		t.Fatalf("the pods, one of which has the volume: %v", err)
	}
	if _, err := d.harvester.HarvesterhciV1beta1().Settings().Get(t.Context(), settings.CSIOnlineExpandValidationSettingName, metav1.GetOptions{}); err != nil {
		t.Fatalf("whether volumes in use grow: %v", err)
	}
	wanted := resource.MustParse(size)
	claims := d.kube.CoreV1().PersistentVolumeClaims(d.namespace)
	if err := changed(t.Context(), claims.Get, claims.Update, name, func(claim *corev1.PersistentVolumeClaim) {
		claim.Spec.Resources.Requests[corev1.ResourceStorage] = wanted
	}); err != nil {
		return err
	}
	eventually(t, name+" has grown", func() error {
		claim, err := claims.Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if has := claim.Status.Capacity.Storage(); has.Cmp(wanted) < 0 {
			return fmt.Errorf("it has %s", has)
		}
		return nil
	})
	return nil
}
