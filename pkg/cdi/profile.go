package cdi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// ProfileSpec is what somebody tells CDI about a storage class.
type ProfileSpec = cdiv1.StorageProfileSpec

// Knows says whether CDI knows which access modes a class has for a volume mode, nil meaning a file system.
func Knows(profile *StorageProfile, mode *corev1.PersistentVolumeMode) bool {
	wanted := ptr.Deref(mode, corev1.PersistentVolumeFilesystem)
	return slices.ContainsFunc(profile.Status.ClaimPropertySets, func(set cdiv1.ClaimPropertySet) bool {
		return set.VolumeMode != nil && *set.VolumeMode == wanted && len(set.AccessModes) > 0
	})
}

// ParseStrategy reads how volumes of a class are cloned.
func ParseStrategy(value string) (*cdiv1.CDICloneStrategy, error) {
	strategy := cdiv1.CDICloneStrategy(value)
	switch strategy {
	case cdiv1.CloneStrategyHostAssisted, cdiv1.CloneStrategySnapshot, cdiv1.CloneStrategyCsiClone:
		return &strategy, nil
	default:
		return nil, errors.New("must be copy, snapshot or csi-clone")
	}
}

// ParseModes reads which access modes a class has for each volume mode: {"Block":["ReadWriteMany"]}. Block comes first,
// because machines are better off without a file system between them and their disk.
func ParseModes(value string) ([]cdiv1.ClaimPropertySet, error) {
	var modes map[corev1.PersistentVolumeMode][]corev1.PersistentVolumeAccessMode
	if err := json.Unmarshal([]byte(value), &modes); err != nil || len(modes) == 0 {
		return nil, errors.New(`must be a JSON object of a volume mode to its access modes, such as {"Block":["ReadWriteMany"]}`)
	}
	var sets []cdiv1.ClaimPropertySet
	for _, mode := range slices.Sorted(maps.Keys(modes)) {
		if mode != corev1.PersistentVolumeBlock && mode != corev1.PersistentVolumeFilesystem {
			return nil, fmt.Errorf("has volume mode %q; there are Block and Filesystem", mode)
		}
		if len(modes[mode]) == 0 {
			return nil, fmt.Errorf("has no access mode for %s", mode)
		}
		for _, access := range modes[mode] {
			if !slices.Contains(accessModes, access) {
				return nil, fmt.Errorf("has access mode %q for %s; there are %v", access, mode, accessModes)
			}
		}
		sets = append(sets, cdiv1.ClaimPropertySet{VolumeMode: &mode, AccessModes: modes[mode]})
	}
	return sets, nil
}

var accessModes = []corev1.PersistentVolumeAccessMode{
	corev1.ReadWriteMany, corev1.ReadWriteOnce, corev1.ReadOnlyMany, corev1.ReadWriteOncePod,
}

var percentage = regexp.MustCompile(`^(0(\.\d{1,3})?|1)$`)

// CheckOverhead says what is wrong with the part of a volume that a file system keeps, nil when nothing is.
func CheckOverhead(value string) error {
	if percentage.MatchString(value) {
		return nil
	}
	return errors.New("must be a number from 0 to 1 with at most three digits, such as 0.055")
}
