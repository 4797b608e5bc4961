package handler

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// conditions writes those that virt-handler owns.
func conditions(vmi *kubevirtv1.VirtualMachineInstance, f facts) {
	set(vmi, migratable(vmi), f.now)
	set(vmi, storageMigratable(vmi), f.now)
	if f.agent != nil {
		set(vmi, condition(kubevirtv1.VirtualMachineInstanceAgentConnected, corev1.ConditionTrue, "", ""), f.now)
	} else {
		unset(vmi, kubevirtv1.VirtualMachineInstanceAgentConnected)
	}
	switch {
	case f.view.IOError:
		set(vmi, condition(kubevirtv1.VirtualMachineInstancePaused, corev1.ConditionTrue, "PausedIOError", "VMI was paused, low-level IO error detected"), f.now)
	case f.view.Paused:
		set(vmi, condition(kubevirtv1.VirtualMachineInstancePaused, corev1.ConditionTrue, "PausedByUser", "VMI was paused by user"), f.now)
	default:
		unset(vmi, kubevirtv1.VirtualMachineInstancePaused)
	}
	unset(vmi, kubevirtv1.VirtualMachineInstanceSynchronized)
}

func condition(kind kubevirtv1.VirtualMachineInstanceConditionType, status corev1.ConditionStatus, reason, message string) kubevirtv1.VirtualMachineInstanceCondition {
	return kubevirtv1.VirtualMachineInstanceCondition{Type: kind, Status: status, Reason: reason, Message: message}
}

// set puts a condition in place; one that says the same keeps its times.
func set(vmi *kubevirtv1.VirtualMachineInstance, c kubevirtv1.VirtualMachineInstanceCondition, now time.Time) {
	i := indexOf(vmi, c.Type)
	if i < 0 {
		vmi.Status.Conditions = append(vmi.Status.Conditions, kubevirtv1.VirtualMachineInstanceCondition{})
		i = len(vmi.Status.Conditions) - 1
	}
	old := vmi.Status.Conditions[i]
	c.LastProbeTime, c.LastTransitionTime = old.LastProbeTime, old.LastTransitionTime
	if old.Status != c.Status {
		c.LastProbeTime, c.LastTransitionTime = metav1.NewTime(now), metav1.NewTime(now)
	}
	vmi.Status.Conditions[i] = c
}

func unset(vmi *kubevirtv1.VirtualMachineInstance, kind kubevirtv1.VirtualMachineInstanceConditionType) {
	vmi.Status.Conditions = slices.DeleteFunc(vmi.Status.Conditions, func(c kubevirtv1.VirtualMachineInstanceCondition) bool {
		return c.Type == kind
	})
}

func indexOf(vmi *kubevirtv1.VirtualMachineInstance, kind kubevirtv1.VirtualMachineInstanceConditionType) int {
	return slices.IndexFunc(vmi.Status.Conditions, func(c kubevirtv1.VirtualMachineInstanceCondition) bool {
		return c.Type == kind
	})
}

// migratable says whether the machine may move to another node, and if not why,
// in KubeVirt's words. It also decides how it would move.
func migratable(vmi *kubevirtv1.VirtualMachineInstance) kubevirtv1.VirtualMachineInstanceCondition {
	no := func(reason, message string) kubevirtv1.VirtualMachineInstanceCondition {
		return condition(kubevirtv1.VirtualMachineInstanceIsMigratable, corev1.ConditionFalse, reason, message)
	}
	block, unshared := volumesBlock(vmi)
	vmi.Status.MigrationMethod = kubevirtv1.LiveMigration
	if block {
		vmi.Status.MigrationMethod = kubevirtv1.BlockMigration
	}
	if message := networkBlocks(vmi); message != "" {
		return no(kubevirtv1.VirtualMachineInstanceReasonInterfaceNotMigratable, message)
	}
	if d := vmi.Spec.Domain.Devices; len(d.HostDevices) > 0 || len(d.GPUs) > 0 {
		return no(kubevirtv1.VirtualMachineInstanceReasonHostDeviceNotMigratable, "VMI uses a PCI host devices")
	}
	if unshared != "" {
		return no(kubevirtv1.VirtualMachineInstanceReasonDisksNotMigratable, unshared)
	}
	return condition(kubevirtv1.VirtualMachineInstanceIsMigratable, corev1.ConditionTrue, "", "")
}

// storageMigratable says the same of moving with its disks.
func storageMigratable(vmi *kubevirtv1.VirtualMachineInstance) kubevirtv1.VirtualMachineInstanceCondition {
	reason, message := "", networkBlocks(vmi)
	if message != "" {
		reason = kubevirtv1.VirtualMachineInstanceReasonInterfaceNotMigratable
	} else if d := vmi.Spec.Domain.Devices; len(d.HostDevices) > 0 || len(d.GPUs) > 0 {
		reason, message = kubevirtv1.VirtualMachineInstanceReasonHostDeviceNotMigratable, "VMI uses a PCI host devices"
	}
	if reason != "" {
		return condition(kubevirtv1.VirtualMachineInstanceIsStorageLiveMigratable, corev1.ConditionFalse,
			kubevirtv1.VirtualMachineInstanceReasonNotMigratable, reason+": "+message)
	}
	return condition(kubevirtv1.VirtualMachineInstanceIsStorageLiveMigratable, corev1.ConditionTrue, "", "")
}

// volumesBlock says whether disks would have to be copied, and which claim
// forbids the move because other nodes cannot reach it.
func volumesBlock(vmi *kubevirtv1.VirtualMachineInstance) (block bool, unshared string) {
	for _, v := range vmi.Spec.Volumes {
		claim := claimOf(v)
		if claim == "" {
			block = block || !readOnlyDrive(vmi, v.Name)
			continue
		}
		shared, known := sharedClaim(vmi, v.Name)
		if !known {
			return true, fmt.Sprintf("cannot migrate VMI: Unable to determine if PVC %v is shared, live migration requires that all PVCs must be shared (using ReadWriteMany access mode)", claim)
		}
		if !shared {
			return true, fmt.Sprintf("cannot migrate VMI: PVC %v is not shared, live migration requires that all PVCs must be shared (using ReadWriteMany access mode)", claim)
		}
	}
	return block || len(vmi.Status.MigratedVolumes) > 0, ""
}

func claimOf(v kubevirtv1.Volume) string {
	switch {
	case v.PersistentVolumeClaim != nil:
		return v.PersistentVolumeClaim.ClaimName
	case v.DataVolume != nil:
		return v.DataVolume.Name
	default:
		return ""
	}
}

func sharedClaim(vmi *kubevirtv1.VirtualMachineInstance, volume string) (shared, known bool) {
	if slices.ContainsFunc(vmi.Status.MigratedVolumes, func(m kubevirtv1.StorageMigratedVolumeInfo) bool { return m.VolumeName == volume }) {
		return true, true
	}
	for _, s := range vmi.Status.VolumeStatus {
		if s.Name == volume && s.PersistentVolumeClaimInfo != nil {
			return slices.Contains(s.PersistentVolumeClaimInfo.AccessModes, corev1.ReadWriteMany), true
		}
	}
	return false, false
}

func readOnlyDrive(vmi *kubevirtv1.VirtualMachineInstance, volume string) bool {
	return slices.ContainsFunc(vmi.Spec.Domain.Devices.Disks, func(d kubevirtv1.Disk) bool {
		return d.Name == volume && d.CDRom != nil && (d.CDRom.ReadOnly == nil || *d.CDRom.ReadOnly)
	})
}

// networkBlocks is the sentence why the pod network forbids the move, or "".
func networkBlocks(vmi *kubevirtv1.VirtualMachineInstance) string {
	i := slices.IndexFunc(vmi.Spec.Networks, func(n kubevirtv1.Network) bool { return n.Pod != nil })
	if i < 0 || len(vmi.Spec.Domain.Devices.Interfaces) == 0 {
		return ""
	}
	name := vmi.Spec.Networks[i].Name
	for _, iface := range vmi.Spec.Domain.Devices.Interfaces {
		if iface.Name != name {
			continue
		}
		_, allowed := vmi.Annotations[kubevirtv1.AllowPodBridgeNetworkLiveMigrationAnnotation]
		if iface.Masquerade != nil || iface.PasstBinding != nil || iface.Bridge != nil && allowed {
			return ""
		}
		return "cannot migrate VMI which does not use masquerade or a migratable plugin to connect to the pod network"
	}
	return "no primary interface found for network " + name
}
