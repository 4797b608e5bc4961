package profile

import (
	"fmt"
	"slices"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
)

// Wanted is what a storage class has to say to CDI; empty when it says nothing.
func Wanted(class *storagev1.StorageClass) (cdi.ProfileSpec, error) {
	var wanted cdi.ProfileSpec
	said := class.Annotations
	if value := said[harvesterv1.AnnotationCloneStrategy]; value != "" {
		strategy, err := cdi.ParseStrategy(value)
		if err != nil {
			return wanted, fmt.Errorf("annotation %s %w", harvesterv1.AnnotationCloneStrategy, err)
		}
		wanted.CloneStrategy = strategy
	}
	if value := said[harvesterv1.AnnotationModes]; value != "" {
		sets, err := cdi.ParseModes(value)
		if err != nil {
			return wanted, fmt.Errorf("annotation %s %w", harvesterv1.AnnotationModes, err)
		}
		wanted.ClaimPropertySets = sets
	}
	if value := said[harvesterv1.AnnotationSnapshotClass]; value != "" {
		wanted.SnapshotClass = &value
	}
	return wanted, nil
}

// satisfied says whether a profile has what is wanted, and nothing more of what was written here before.
func satisfied(present *cdi.StorageProfile, wanted cdi.ProfileSpec) bool {
	has := present.Spec
	if wanted.CloneStrategy != nil && !equality.Semantic.DeepEqual(has.CloneStrategy, wanted.CloneStrategy) ||
		wanted.ClaimPropertySets != nil && !equality.Semantic.DeepEqual(has.ClaimPropertySets, wanted.ClaimPropertySets) ||
		wanted.SnapshotClass != nil && !equality.Semantic.DeepEqual(has.SnapshotClass, wanted.SnapshotClass) {
		return false
	}
	written := cdi.WrittenBy(present, string(owner))
	var speaks []string
	if wanted.ClaimPropertySets != nil {
		speaks = append(speaks, "claimPropertySets")
	}
	if wanted.CloneStrategy != nil {
		speaks = append(speaks, "cloneStrategy")
	}
	if wanted.SnapshotClass != nil {
		speaks = append(speaks, "snapshotClass")
	}
	return slices.Equal(written, speaks)
}

// overheadOf is the part that a file system keeps of a class's volumes, "" when the class does not say, or nonsense.
func overheadOf(class *storagev1.StorageClass) string {
	value := class.Annotations[harvesterv1.AnnotationFilesystemOverhead]
	if cdi.CheckOverhead(value) != nil {
		return ""
	}
	return value
}
