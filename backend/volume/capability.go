package volume

import (
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
)

// claimKind is the kind of a volume.
var claimKind = corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim")

// Capability is the volumes of a site.
var Capability = capability.Capability{
	Name: "volume",
	Resources: []capability.Resource{{
		Kind:    claimKind,
		Read:    capability.Reading(read),
		State:   capability.Stating(State),
		Actions: Actions,
		Delete:  capability.Deleting(remove),
		Indexed: []string{"status.phase", "spec.storageClassName", "spec.volumeName"},
	}},
	Scheme: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme, cdi.AddToScheme, csi.AddToScheme},
	Watched: []capability.Watched{
		{Object: &kubevirt.VirtualMachineInstance{}, Index: map[string]client.IndexerFunc{indexClaims: claimsOf}},
		{Object: &cdi.DataVolume{}},
		{Object: &cdi.StorageProfile{}},
		{Object: &storagev1.StorageClass{}},
		{Object: &harvesterv1.Setting{}},
		{Object: &csi.VolumeSnapshotClass{}, Optional: true},
	},
}

// indexClaims is the index of running machines by the names of their claims.
const indexClaims = "volume.claims"

func claimsOf(vmi client.Object) []string {
	return kubevirt.ClaimsOf(vmi.(*kubevirt.VirtualMachineInstance).Spec.Volumes)
}
