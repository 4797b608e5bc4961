package virtualmachine

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/kubevirt"
)

// readMachine is as much of a virtual machine as is read. The whole kind has quantities by the dozen, and those of a site
// are not to be trusted (see index.Amount).
type readMachine struct {
	metav1.ObjectMeta `json:"-"`
	Metadata          metadata `json:"metadata"`
	Spec              struct {
		RunStrategy *kubevirt.RunStrategy `json:"runStrategy"`
		Running     *bool                 `json:"running"`
		Template    *struct {
			Spec struct {
				Domain   domain       `json:"domain"`
				Hostname string       `json:"hostname"`
				Networks []network    `json:"networks"`
				Volumes  []readVolume `json:"volumes"`
			} `json:"spec"`
		} `json:"template"`
		DataVolumeTemplates []dataVolume `json:"dataVolumeTemplates"`
	} `json:"spec"`
	Status struct {
		PrintableStatus kubevirt.PrintableStatus `json:"printableStatus"`
		StartFailure    *kubevirt.StartFailure   `json:"startFailure"`
		Conditions      []condition              `json:"conditions"`
	} `json:"status"`
}

// metadata is as much of a machine's metadata as is read. Most of the rest is who has written which field.
type metadata struct {
	Namespace         string            `json:"namespace"`
	UID               types.UID         `json:"uid"`
	CreationTimestamp metav1.Time       `json:"creationTimestamp"`
	DeletionTimestamp *metav1.Time      `json:"deletionTimestamp"`
	Labels            map[string]string `json:"labels"`
	Annotations       map[string]string `json:"annotations"`
}

// whole is the same in Kubernetes' words.
func (m *metadata) whole() metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace: m.Namespace, UID: m.UID, CreationTimestamp: m.CreationTimestamp, DeletionTimestamp: m.DeletionTimestamp, Labels: m.Labels, Annotations: m.Annotations,
	}
}

// readInstance is as much of an instance as is read.
type readInstance struct {
	Spec struct {
		Domain domain `json:"domain"`
	} `json:"spec"`
	Status struct {
		Phase          kubevirt.Phase                                    `json:"phase"`
		NodeName       string                                            `json:"nodeName"`
		GuestOSInfo    kubevirt.VirtualMachineInstanceGuestOSInfo        `json:"guestOSInfo"`
		MigrationState *migration                                        `json:"migrationState"`
		Interfaces     []kubevirt.VirtualMachineInstanceNetworkInterface `json:"interfaces"`
		Conditions     []condition                                       `json:"conditions"`
		VolumeStatus   []volumeStatus                                    `json:"volumeStatus"`
	} `json:"status"`
}

// domain is as much of the hardware as is read.
type domain struct {
	CPU *struct {
		Cores   uint32 `json:"cores"`
		Sockets uint32 `json:"sockets"`
		Threads uint32 `json:"threads"`
	} `json:"cpu"`
	Memory *struct {
		Guest *index.Amount `json:"guest"`
	} `json:"memory"`
	Resources struct {
		Requests amounts `json:"requests"`
		Limits   amounts `json:"limits"`
	} `json:"resources"`
	Devices struct {
		Interfaces []struct {
			MACAddress string `json:"macAddress"`
		} `json:"interfaces"`
	} `json:"devices"`
}

// kept is what is kept of the hardware.
func (d domain) kept() kubevirt.DomainSpec {
	var spec kubevirt.DomainSpec
	if d.CPU != nil {
		spec.CPU = &kubevirt.CPU{Cores: d.CPU.Cores, Sockets: d.CPU.Sockets, Threads: d.CPU.Threads}
	}
	if d.Memory != nil && d.Memory.Guest != nil {
		spec.Memory = &kubevirt.Memory{Guest: &d.Memory.Guest.Quantity}
	}
	spec.Resources = kubevirt.ResourceRequirements{Requests: d.Resources.Requests.kept(), Limits: d.Resources.Limits.kept()}
	return spec
}

// amounts are the processors and the memory of a pod. What else a site may ask for is not read.
type amounts struct {
	CPU    *index.Amount `json:"cpu"`
	Memory *index.Amount `json:"memory"`
}

func (a amounts) kept() corev1.ResourceList {
	list := corev1.ResourceList{}
	if a.CPU != nil {
		list[corev1.ResourceCPU] = a.CPU.Quantity
	}
	if a.Memory != nil {
		list[corev1.ResourceMemory] = a.Memory.Quantity
	}
	return list
}

// migration is as much of a migration as is read.
type migration struct {
	StartTimestamp *metav1.Time `json:"startTimestamp"`
	EndTimestamp   *metav1.Time `json:"endTimestamp"`
	SourceNode     string       `json:"sourceNode"`
	TargetNode     string       `json:"targetNode"`
}
