package cdi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The installation itself.
type (
	// Installation is CDI as its operator installs it.
	Installation = cdiv1.CDI
	// InstallationList is a list of Installation.
	InstallationList = cdiv1.CDIList
)

// InstallationKind is the installation's kind by its full name.
var InstallationKind = GroupVersion.WithKind("CDI")

// Applied is what server-side apply is to make of a class's profile: the given fields, and no others.
func Applied(name string, wanted ProfileSpec) (runtime.ApplyConfiguration, error) {
	spec, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&wanted)
	if err != nil {
		return nil, fmt.Errorf("encode storage profile: %w", err)
	}
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetGroupVersionKind(StorageProfileKind)
	object.SetName(name)
	return client.ApplyConfigurationFromUnstructured(object), nil
}

// WrittenBy are the fields of a profile's spec that somebody has applied, by name.
func WrittenBy(profile *StorageProfile, who string) []string {
	var names []string
	for _, entry := range profile.ManagedFields {
		if entry.Manager != who || entry.Operation != metav1.ManagedFieldsOperationApply || entry.FieldsV1 == nil {
			continue
		}
		var fields map[string]map[string]any
		if json.Unmarshal(entry.FieldsV1.Raw, &fields) != nil {
			continue
		}
		for name := range maps.Keys(fields["f:spec"]) {
			if bare, is := strings.CutPrefix(name, "f:"); is {
				names = append(names, bare)
			}
		}
	}
	slices.Sort(names)
	return names
}

// annotationOverheads lists, on an installation, the classes whose overhead was written here, so that what somebody else
// has written stays when a class says nothing.
const annotationOverheads = "harvesterhci.io/filesystemOverheads"

// SetOverhead writes how much a file system keeps of a class's volumes, or takes back what was written here for "", and
// says whether that changed anything.
func SetOverhead(installation *Installation, class, overhead string) bool {
	ours := slices.DeleteFunc(strings.Split(installation.Annotations[annotationOverheads], ","), func(name string) bool { return name == "" })
	if overhead == "" && !slices.Contains(ours, class) || overhead != "" && overheadOf(installation, class) == overhead {
		return false
	}
	ours = slices.DeleteFunc(ours, func(name string) bool { return name == class })
	if installation.Spec.Config == nil {
		installation.Spec.Config = &cdiv1.CDIConfigSpec{}
	}
	config := installation.Spec.Config
	if config.FilesystemOverhead == nil {
		config.FilesystemOverhead = &cdiv1.FilesystemOverhead{}
	}
	if config.FilesystemOverhead.StorageClass == nil {
		config.FilesystemOverhead.StorageClass = map[string]cdiv1.Percent{}
	}
	delete(config.FilesystemOverhead.StorageClass, class)
	if overhead != "" {
		ours = append(ours, class)
		config.FilesystemOverhead.StorageClass[class] = cdiv1.Percent(overhead)
	}
	slices.Sort(ours)
	metav1.SetMetaDataAnnotation(&installation.ObjectMeta, annotationOverheads, strings.Join(ours, ","))
	return true
}

func overheadOf(installation *Installation, class string) string {
	config := installation.Spec.Config
	if config == nil || config.FilesystemOverhead == nil {
		return ""
	}
	return string(config.FilesystemOverhead.StorageClass[class])
}
