package node

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// Devices on a node are what device plugins of it would offer: numbers by the
// names of resources, in JSON.
const Devices = "site.crofthci.io/devices"

// cpuModel is what every node offers to guests and to migrations.
const cpuModel = "Skylake-Server"

// describe writes what does not change while a node lives: its labels.
func describe(node *corev1.Node, siteName string, n int) {
	if node.Labels == nil {
		node.Labels = map[string]string{}
	}
	if node.Annotations == nil {
		node.Annotations = map[string]string{}
	}
	maps.Copy(node.Labels, labels(node.Name, siteName, n))
	beatKubeVirt(node, time.Now())
}

func labels(name, siteName string, n int) map[string]string {
	l := map[string]string{
		corev1.LabelHostname:                                 name,
		corev1.LabelArchStable:                               "amd64",
		corev1.LabelOSStable:                                 "linux",
		corev1.LabelTopologyRegion:                           siteName,
		corev1.LabelTopologyZone:                             fmt.Sprintf("%s-zone-%d", siteName, n),
		"harvesterhci.io/managed":                            "true",
		kubevirtv1.NodeSchedulable:                           "true",
		kubevirtv1.CPUManager:                                "false",
		kubevirtv1.KSMEnabledLabel:                           "false",
		"cpumanager":                                         "false",
		kubevirtv1.CPUModelVendorLabel + "Intel":             "true",
		kubevirtv1.HostModelCPULabel + cpuModel:              "true",
		kubevirtv1.SupportedHostModelMigrationCPU + cpuModel: "true",
		"node-role.kubernetes.io/worker":                     "true",
		"csi.site.crofthci.io/node":                          name,
	}
	if n == 1 {
		l["node-role.kubernetes.io/control-plane"] = "true"
		l["node-role.kubernetes.io/etcd"] = "true"
	}
	for _, model := range []string{cpuModel, "Skylake-Client", "Haswell", "Haswell-noTSX", "Broadwell", "Penryn", "qemu64"} {
		l[kubevirtv1.CPUModelLabel+model] = "true"
	}
	for _, machine := range []string{"q35", "pc-q35-rhel9.2.0", "pc-q35-rhel9.4.0", "pc-q35-rhel9.6.0", "pc-q35-7.2", "pc"} {
		l[kubevirtv1.SupportedMachineTypeLabel+machine] = "true"
	}
	return l
}

// beatKubeVirt is virt-handler's own heartbeat on its node.
func beatKubeVirt(node *corev1.Node, now time.Time) {
	if node.Annotations == nil {
		node.Annotations = map[string]string{}
	}
	node.Annotations[kubevirtv1.VirtHandlerHeartbeat] = now.UTC().Format(time.RFC3339)
	if node.Labels != nil {
		node.Labels[kubevirtv1.NodeSchedulable] = "true"
	}
}

// status is a healthy node's, with the times of the last one's conditions kept.
func status(old corev1.NodeStatus, name string, address netip.Addr, now time.Time) corev1.NodeStatus {
	s := *old.DeepCopy()
	s.Capacity, s.Allocatable = capacity(), capacity()
	s.Addresses = []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: address.String()},
		{Type: corev1.NodeHostName, Address: name},
	}
	s.DaemonEndpoints.KubeletEndpoint.Port = 10250
	s.NodeInfo = corev1.NodeSystemInfo{
		Architecture: "amd64", OperatingSystem: "linux", OSImage: "Croft simulated node",
		KernelVersion: "6.1.0", KubeletVersion: "v1.36.3", ContainerRuntimeVersion: "croft://1",
		MachineID: name, SystemUUID: name, BootID: name,
	}
	s.Conditions = nil
	for _, c := range []struct {
		kind   corev1.NodeConditionType
		status corev1.ConditionStatus
		reason string
	}{
		{corev1.NodeReady, corev1.ConditionTrue, "KubeletReady"},
		{corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory"},
		{corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure"},
		{corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID"},
	} {
		s.Conditions = append(s.Conditions, corev1.NodeCondition{
			Type: c.kind, Status: c.status, Reason: c.reason, Message: "the simulated kubelet says so",
			LastHeartbeatTime:  metav1.NewTime(now),
			LastTransitionTime: since(old.Conditions, c.kind, c.status, now),
		})
	}
	return s
}

func since(old []corev1.NodeCondition, kind corev1.NodeConditionType, status corev1.ConditionStatus, now time.Time) metav1.Time {
	for _, c := range old {
		if c.Type == kind && c.Status == status {
			return c.LastTransitionTime
		}
	}
	return metav1.NewTime(now)
}

// offer adds to what a node has the devices that its annotation names. One that
// cannot be read offers nothing.
func offer(node *corev1.Node) {
	devices := map[corev1.ResourceName]resource.Quantity{}
	if json.Unmarshal([]byte(node.Annotations[Devices]), &devices) != nil {
		return
	}
	maps.Copy(node.Status.Capacity, devices)
	maps.Copy(node.Status.Allocatable, devices)
}

// capacity is generous: what a simulated machine asks for costs nothing.
func capacity() corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("256"),
		corev1.ResourceMemory:           resource.MustParse("4Ti"),
		corev1.ResourcePods:             resource.MustParse("2000"),
		corev1.ResourceEphemeralStorage: resource.MustParse("4Ti"),
		"hugepages-2Mi":                 resource.MustParse("0"),
		"devices.kubevirt.io/kvm":       resource.MustParse("4k"),
		"devices.kubevirt.io/tun":       resource.MustParse("4k"),
		"devices.kubevirt.io/vhost-net": resource.MustParse("4k"),
	}
}
