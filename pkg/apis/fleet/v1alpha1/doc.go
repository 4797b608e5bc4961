// Package v1alpha1 holds the nouns of the hub: what Croft keeps beside Rancher about the sites it looks after.
//
// It imports nothing but apimachinery and decides nothing. Begin reading with Site.
//
// +kubebuilder:object:generate=true
// +groupName=crofthci.io
package v1alpha1

//go:generate go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0 object paths=.
//go:generate go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0 crd paths=. output:crd:dir=../../../../charts/croft-fleet/templates
//go:generate sh -c "cd ../../../../charts/croft-fleet/templates && for kind in site bulkoperation guestcredential; do mv crofthci.io_${DOLLAR}{kind}s.yaml crd-${DOLLAR}{kind}.yaml; done"
