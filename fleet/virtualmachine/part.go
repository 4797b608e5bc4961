package virtualmachine

import (
	"strings"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
)

// network is as much of a machine's network as is read.
type network struct {
	Pod    *struct{} `json:"pod"`
	Multus *struct {
		NetworkName string `json:"networkName"`
	} `json:"multus"`
}

// readVolume is as much of a machine's volume as is read: what it stands on.
type readVolume struct {
	PersistentVolumeClaim *struct {
		ClaimName string `json:"claimName"`
	} `json:"persistentVolumeClaim"`
	DataVolume *struct {
		Name string `json:"name"`
	} `json:"dataVolume"`
	ContainerDisk *struct{} `json:"containerDisk"`
	EmptyDisk     *struct{} `json:"emptyDisk"`
	Ephemeral     *struct{} `json:"ephemeral"`
	HostDisk      *struct{} `json:"hostDisk"`
}

// claim is a claim that is made for a machine.
type claim struct {
	Metadata struct {
		Name        string `json:"name"`
		Annotations struct {
			Image string `json:"harvesterhci.io/imageId"`
		} `json:"annotations"`
	} `json:"metadata"`
	Spec request `json:"spec"`
}

// dataVolume is one that is made for a machine.
type dataVolume struct {
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		PVC     request `json:"pvc"`
		Storage request `json:"storage"`
	} `json:"spec"`
}

type request struct {
	Resources struct {
		Requests storage `json:"requests"`
	} `json:"resources"`
}

type storage struct {
	Storage index.Amount `json:"storage"`
}

// volumeStatus is as much as is read of what an instance says of a volume.
type volumeStatus struct {
	PersistentVolumeClaimInfo *struct {
		Capacity storage `json:"capacity"`
	} `json:"persistentVolumeClaimInfo"`
}

// claimsOf are the claims that Harvester makes for a machine. An annotation that cannot be read makes none.
func claimsOf(written annotations) []claim {
	var claims []claim
	if written.Claims == "" || decode.Known([]byte(written.Claims), &claims) != nil {
		return nil
	}
	return claims
}

// imageOf is the image that the first disk was made from, where the claims say so.
func imageOf(claims []claim) string {
	for _, each := range claims {
		if image := each.Metadata.Annotations.Image; image != "" {
			return image
		}
	}
	return ""
}

// disksOf counts the volumes that are disks, and adds up what they ask for. Of a claim that is not made for the machine,
// the instance alone says how large it is.
func disksOf(vm *readMachine, claims []claim) (int64, int64) {
	sizes := map[string]int64{}
	for _, each := range claims {
		sizes[each.Metadata.Name] = each.Spec.Resources.Requests.Storage.Value()
	}
	for _, each := range vm.Spec.DataVolumeTemplates {
		sizes[each.Metadata.Name] = max(each.Spec.PVC.Resources.Requests.Storage.Value(), each.Spec.Storage.Resources.Requests.Storage.Value())
	}
	var count, sum int64
	for _, volume := range vm.Spec.Template.Spec.Volumes {
		switch {
		case volume.PersistentVolumeClaim != nil:
			count, sum = count+1, sum+sizes[volume.PersistentVolumeClaim.ClaimName]
		case volume.DataVolume != nil:
			count, sum = count+1, sum+sizes[volume.DataVolume.Name]
		case volume.ContainerDisk != nil || volume.EmptyDisk != nil || volume.Ephemeral != nil || volume.HostDisk != nil:
			count++
		}
	}
	return count, sum
}

// storageOf adds up what the volumes of an instance have.
func storageOf(volumes []volumeStatus) int64 {
	var sum int64
	for _, volume := range volumes {
		if volume.PersistentVolumeClaimInfo != nil {
			sum += volume.PersistentVolumeClaimInfo.Capacity.Storage.Value()
		}
	}
	return sum
}

// networksOf are the networks that a machine is attached to.
func networksOf(vm *readMachine) []string {
	var names []string
	for _, each := range vm.Spec.Template.Spec.Networks {
		switch {
		case each.Multus != nil:
			names = append(names, multus.Named(each.Multus.NetworkName, vm.Metadata.Namespace).String())
		case each.Pod != nil:
			names = append(names, "pod")
		}
	}
	return index.List(names)
}

// macsOf are the hardware addresses that a machine is given: in its spec, or by Harvester, which keeps them beside it.
func macsOf(vm *readMachine) []string {
	var kept map[string]string
	var macs []string
	if text := vm.Metadata.Annotations.MACs; text != "" && decode.JSON([]byte(text), &kept) == nil {
		for _, mac := range kept {
			macs = append(macs, strings.ToLower(mac))
		}
	}
	for _, card := range vm.Spec.Template.Spec.Domain.Devices.Interfaces {
		macs = append(macs, strings.ToLower(card.MACAddress))
	}
	return index.List(macs)
}

// macsSeen are the hardware addresses of an instance.
func macsSeen(cards []kubevirt.VirtualMachineInstanceNetworkInterface) []string {
	var macs []string
	for _, card := range cards {
		macs = append(macs, strings.ToLower(card.MAC))
	}
	return index.List(macs)
}

// tagPrefix begins the labels that people tag machines with.
const tagPrefix = "tag.harvesterhci.io/"

// tagsOf are a machine's tags, each as key=value.
func tagsOf(labels map[string]string) []string {
	var tags []string
	for label, value := range labels {
		if key, ok := strings.CutPrefix(label, tagPrefix); ok {
			tags = append(tags, key+"="+value)
		}
	}
	return index.List(tags)
}
