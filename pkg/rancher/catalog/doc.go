// Package catalog describes Rancher's kind UIPlugin of the group
// catalog.cattle.io/v1 in our own words: an extension of the dashboard. It is
// not Rancher's Go module and knows nothing of charts. Begin reading at UIPlugin.
//
// +kubebuilder:object:generate=true
// +groupName=catalog.cattle.io
// +versionName=v1
package catalog
