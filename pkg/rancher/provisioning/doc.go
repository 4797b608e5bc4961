// Package provisioning describes Rancher's kind Cluster of the group
// provisioning.cattle.io/v1 in our own words: what people create to import a
// cluster. It is not Rancher's Go module; unknown fields are kept by the custom
// resource definition. Begin reading at Cluster.
//
// +kubebuilder:object:generate=true
// +groupName=provisioning.cattle.io
// +versionName=v1
package provisioning
