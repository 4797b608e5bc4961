package virtualmachine

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/kubevirt"
)

// readMachine is as much of a virtual machine as is read. The whole kind has quantities by the dozen, and those of a site
// are not to be trusted (see index.Amount).
type readMachine struct {
	Metadata metadata `json:"metadata"`
	Spec     struct {
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
	Annotations       annotations       `json:"annotations"`
}

// annotations are those that are read, by the names that Harvester and its clients give them.
type annotations struct {
	Claims string `json:"harvesterhci.io/volumeClaimTemplates"`
	MACs   string `json:"harvesterhci.io/mac-address"`
	OS     string `json:"harvesterhci.io/os"`
}

// kept is what every row shows of it.
func (m *metadata) kept() index.Meta {
	return index.MetaOf(&metav1.ObjectMeta{
		UID: m.UID, CreationTimestamp: m.CreationTimestamp, DeletionTimestamp: m.DeletionTimestamp, Labels: m.Labels,
	})
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

// amounts are the processors and the memory of a pod. What else a site may ask for is not read.
type amounts struct {
	CPU    *index.Amount `json:"cpu"`
	Memory *index.Amount `json:"memory"`
}

// migration is as much of a migration as is read.
type migration struct {
	StartTimestamp *metav1.Time `json:"startTimestamp"`
	EndTimestamp   *metav1.Time `json:"endTimestamp"`
	SourceNode     string       `json:"sourceNode"`
	TargetNode     string       `json:"targetNode"`
}
