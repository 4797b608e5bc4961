// Package v1alpha1 holds the nouns of the hub: what Croft keeps beside Rancher about the sites it looks after.
//
// It imports nothing but apimachinery and decides nothing. Begin reading with Site.
//
// +kubebuilder:object:generate=true
// +groupName=crofthci.io
package v1alpha1

//go:generate go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0 object paths=.
//go:generate sh -c "go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0 crd paths=. output:crd:stdout > ../../../../charts/croft-fleet/templates/crd-site.yaml"
