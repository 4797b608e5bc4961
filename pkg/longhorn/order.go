package longhorn

import (
	"maps"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Sources of a backing image.
const (
	SourceDownload = "download"
	SourceUpload   = "upload"
	SourceVolume   = "export-from-volume"
	SourceClone    = "clone"
)

// Source is where the bytes of a backing image come from.
type Source struct {
	kind       string
	parameters map[string]string
}

// FromURL are the bytes that a GET of a URL answers with.
func FromURL(url string) Source {
	return Source{SourceDownload, map[string]string{"url": url}}
}

// FromUpload are bytes that somebody sends: see Manager.
func FromUpload() Source {
	return Source{SourceUpload, nil}
}

// FromVolume are the bytes of one of Longhorn's volumes, by its name.
func FromVolume(name string) Source {
	return Source{SourceVolume, map[string]string{"volume-name": name, "export-type": "raw"}}
}

// FromImage are the bytes of another backing image, which are encrypted or decrypted with the key in a secret.
func FromImage(name, operation string, key Secret) Source {
	return Source{SourceClone, map[string]string{
		"backing-image": name, "encryption": operation, "secret": key.Name, "secret-namespace": key.Namespace,
	}}
}

// KeyOf is where the key lies that a backing image is encrypted or decrypted with; zero for one that is neither.
func KeyOf(image *BackingImage) Secret {
	return Secret{Namespace: image.Spec.SourceParameters["secret-namespace"], Name: image.Spec.SourceParameters["secret"]}
}

// Secret is where the key of what is encrypted lies.
type Secret struct{ Namespace, Name string }

// String is the namespace and the name.
func (s Secret) String() string { return s.Namespace + "/" + s.Name }

// SecretOf is where the volumes of a class have their key; zero for a class that does not encrypt.
func SecretOf(parameters map[string]string) Secret {
	if parameters[ParameterEncrypted] != "true" {
		return Secret{}
	}
	const name, namespace = 2, 3 // publishing a volume is when its key is needed
	return Secret{Namespace: parameters[SecretParameters[namespace]], Name: parameters[SecretParameters[name]]}
}

// Order is a backing image that is wanted.
type Order struct {
	// Name of the backing image.
	Name string
	// Source is where its bytes come from.
	Source Source
	// Checksum is the SHA-512 of the file in hexadecimal; empty means that it is not checked.
	Checksum string
	// Parameters of the storage class that volumes will start from it by: they say on which disks it is to lie, on how many
	// of them, for which engine, and which key it is encrypted with.
	Parameters map[string]string
	// Annotations to remember whom it is for.
	Annotations map[string]string
}

// Parameters of a storage class that are about the backing image of its volumes.
const (
	// ParameterBackingImage is the name of the backing image that each volume starts from.
	ParameterBackingImage = "backingImage"

	parameterCopies     = "backingImageMinNumberOfCopies"
	parameterImageDisks = "backingImageDiskSelector"
	parameterImageNodes = "backingImageNodeSelector"
	parameterDisks      = "diskSelector"
	parameterNodes      = "nodeSelector"
)

// Image is the backing image that is ordered.
func (o Order) Image() *BackingImage {
	key := SecretOf(o.Parameters)
	engine := o.Parameters[ParameterEngine]
	if engine == "" {
		engine = "v1"
	}
	return &BackingImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: o.Name, Annotations: maps.Clone(o.Annotations)},
		Spec: BackingImageSpec{
			SourceType:        o.Source.kind,
			SourceParameters:  maps.Clone(o.Source.parameters),
			Checksum:          strings.ToLower(o.Checksum),
			MinNumberOfCopies: copies(o.Parameters),
			DiskSelector:      tags(o.Parameters, parameterImageDisks, parameterDisks),
			NodeSelector:      tags(o.Parameters, parameterImageNodes, parameterNodes),
			Secret:            key.Name,
			SecretNamespace:   key.Namespace,
			DataEngine:        engine,
		},
	}
}

// copies is on how many disks the file is to lie: as many as a volume has replicas, unless the class says otherwise.
func copies(parameters map[string]string) int {
	for _, key := range []string{parameterCopies, ParameterReplicas} {
		if number, err := strconv.Atoi(parameters[key]); err == nil && number > 0 {
			return number
		}
	}
	return 1
}

// tags are those of the first parameter that names some.
func tags(parameters map[string]string, keys ...string) []string {
	for _, key := range keys {
		if named := strings.FieldsFunc(parameters[key], func(r rune) bool { return r == ',' || r == ' ' }); len(named) > 0 {
			return named
		}
	}
	return nil
}

// VolumeParameters are the parameters of the class of volumes that start from a backing image, made of another class's.
// Without a name, they are what is left of a class that has one.
func VolumeParameters(of map[string]string, image string) map[string]string {
	parameters := map[string]string{}
	for key, value := range of {
		if !strings.HasPrefix(key, ParameterBackingImage) {
			parameters[key] = value
		}
	}
	if image != "" {
		parameters[ParameterBackingImage] = image
	}
	return parameters
}
