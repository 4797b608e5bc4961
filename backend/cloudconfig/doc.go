// Package cloudconfig is what a site can do with templates of cloud-init's user data and network data: ConfigMaps with a
// label, which Harvester's clients list, show and copy into machines.
//
// It serves no kind: a ConfigMap is Kubernetes' own. What cloud-init could not read is refused in the package admission.
package cloudconfig
