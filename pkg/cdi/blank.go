package cdi

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// VolumeImportSource is where CDI takes the bytes of a plain claim from that names it as its data source.
type VolumeImportSource = cdiv1.VolumeImportSource

// VolumeImportSourceKind is the kind of VolumeImportSource by its full name.
var VolumeImportSourceKind = GroupVersion.WithKind("VolumeImportSource")

// BlankName is the name of a namespace's empty disk. It is Harvester's.
const BlankName = "filesystem-blank-source"

// Blank is the empty disk that CDI puts, as a file, into every claim with a file system that names it.
func Blank(namespace string) *VolumeImportSource {
	return &VolumeImportSource{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: BlankName},
		Spec:       cdiv1.VolumeImportSourceSpec{Source: &cdiv1.ImportSourceType{Blank: &cdiv1.DataVolumeBlankImage{}}},
	}
}

// BlankRef is how a claim names the empty disk of its namespace.
func BlankRef() *corev1.TypedObjectReference {
	group := GroupVersion.Group
	return &corev1.TypedObjectReference{APIGroup: &group, Kind: VolumeImportSourceKind.Kind, Name: BlankName}
}

// IsBlank says whether a claim is to get an empty disk.
func IsBlank(claim *corev1.PersistentVolumeClaim) bool {
	ref := claim.Spec.DataSourceRef
	return ref != nil && ref.APIGroup != nil && *ref.APIGroup == GroupVersion.Group && ref.Kind == VolumeImportSourceKind.Kind && ref.Name == BlankName
}
