// Package management describes the kinds of Rancher's group
// management.cattle.io/v3 in our own words: only the fields that Croft reads or
// writes. It is not Rancher's Go module and does not try to be complete; an
// object may carry more fields than are named here, the custom resource
// definitions keep them, and a patch must be used to change one of them.
// Begin reading at Cluster.
//
// +kubebuilder:object:generate=true
// +groupName=management.cattle.io
// +versionName=v3
package management
