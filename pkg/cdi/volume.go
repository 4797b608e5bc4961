package cdi

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// Source is where the bytes of a volume come from.
type Source struct {
	cdi cdiv1.DataVolumeSource
}

// FromURL are the bytes that a GET of a URL answers with. sha512 is their sum in hexadecimal; empty means that it is not
// checked. authorities is a config map beside the volume with certificates to believe beside the system's, in its key
// AuthoritiesKey; empty means none.
func FromURL(url, sha512, authorities string) Source {
	source := &cdiv1.DataVolumeSourceHTTP{URL: url, CertConfigMap: authorities}
	if sha512 != "" {
		source.Checksum = "sha512:" + sha512
	}
	return Source{cdiv1.DataVolumeSource{HTTP: source}}
}

// AuthoritiesKey is the key of a config map with authorities. CDI's importer reads every key, and the program by which it
// looks at a disk from afar this one alone.
const AuthoritiesKey = "tls.crt"

// FromUpload are bytes that somebody sends: see Proxy.
func FromUpload() Source {
	return Source{cdiv1.DataVolumeSource{Upload: &cdiv1.DataVolumeSourceUpload{}}}
}

// FromClaim are the bytes of another claim.
func FromClaim(namespace, name string) Source {
	return Source{cdiv1.DataVolumeSource{PVC: &cdiv1.DataVolumeSourcePVC{Namespace: namespace, Name: name}}}
}

// Import describes a volume that is filled at once, also when nobody uses it.
type Import struct {
	// Namespace and Name of the DataVolume and of its claim.
	Namespace, Name string
	// Source is where the bytes come from.
	Source Source
	// Class is the storage class; empty means the default one.
	Class string
	// Size of the volume, at least the image's virtual size.
	Size resource.Quantity
	// Annotations that the claim gets as well.
	Annotations map[string]string
	// Labels that the claim gets as well.
	Labels map[string]string
}

// Volume is the DataVolume of an import. Access and volume mode are what CDI knows to be best for the class.
func (i Import) Volume() *DataVolume {
	volume := newVolume(i.Namespace, i.Name, i.Labels, i.Annotations)
	volume.Annotations[annotationImmediateBinding] = "true"
	volume.Spec.Source = i.Source.cdi.DeepCopy()
	volume.Spec.Storage = &cdiv1.StorageSpec{
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: i.Size}},
	}
	if i.Class != "" {
		volume.Spec.Storage.StorageClassName = &i.Class
	}
	return volume
}

// Clone describes a volume that starts as a copy of a claim.
type Clone struct {
	// Claim is the claim that is wanted: its name, class, size and modes are taken as they are, and so are its labels and
	// annotations.
	Claim *corev1.PersistentVolumeClaim
	// SourceNamespace and SourceName of the claim to copy.
	SourceNamespace, SourceName string
	// AtOnce has CDI fill the volume also on a class that waits for its first consumer.
	AtOnce bool
}

// Volume is the DataVolume of a clone.
func (c Clone) Volume() *DataVolume {
	volume := newVolume(c.Claim.Namespace, c.Claim.Name, c.Claim.Labels, c.Claim.Annotations)
	volume.Spec.Source = &cdiv1.DataVolumeSource{
		PVC: &cdiv1.DataVolumeSourcePVC{Namespace: c.SourceNamespace, Name: c.SourceName},
	}
	if c.AtOnce {
		volume.Annotations[annotationImmediateBinding] = "true"
	}
	volume.Spec.Storage = &cdiv1.StorageSpec{
		AccessModes:      c.Claim.Spec.AccessModes,
		VolumeMode:       c.Claim.Spec.VolumeMode,
		Resources:        c.Claim.Spec.Resources,
		StorageClassName: c.Claim.Spec.StorageClassName,
	}
	return volume
}

func newVolume(namespace, name string, labels, annotations map[string]string) *DataVolume {
	volume := &DataVolume{ObjectMeta: metav1.ObjectMeta{
		Namespace:   namespace,
		Name:        name,
		Labels:      maps.Clone(labels),
		Annotations: map[string]string{annotationDeleteAfterCompletion: "false"},
	}}
	maps.Copy(volume.Annotations, annotations)
	return volume
}

// CopyOf is the claim that a volume is a copy of, zero when it is none.
func CopyOf(volume *DataVolume) types.NamespacedName {
	if volume.Spec.Source == nil || volume.Spec.Source.PVC == nil {
		return types.NamespacedName{}
	}
	return types.NamespacedName{Namespace: volume.Spec.Source.PVC.Namespace, Name: volume.Spec.Source.PVC.Name}
}
