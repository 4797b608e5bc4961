package kubevirt

import "slices"

// ClaimsOf are the names of the claims that the volumes of a machine stand on, each once.
func ClaimsOf(volumes []Volume) []string {
	var names []string
	for _, volume := range volumes {
		if volume.PersistentVolumeClaim != nil {
			names = append(names, volume.PersistentVolumeClaim.ClaimName)
		}
		if volume.DataVolume != nil {
			names = append(names, volume.DataVolume.Name)
		}
		if volume.Ephemeral != nil && volume.Ephemeral.PersistentVolumeClaim != nil {
			names = append(names, volume.Ephemeral.PersistentVolumeClaim.ClaimName)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
