// Package v1beta1 holds the nouns of harvesterhci.io/v1beta1 as they stand on the wire: settings, images and key pairs,
// their conditions, and the words that Harvester's clients read and write in annotations and labels.
//
// Field names, enums and defaults are Harvester's, so that its Terraform provider, node driver, cloud provider, CSI
// driver and UI work unchanged. Two things differ and cannot be seen by those clients: status is a subresource, so a
// client that sends an old copy back cannot undo what a controller found out, and rules that concern one object alone
// are held by the schema (CEL). The package knows no world and no behaviour. Begin reading with VirtualMachineImage.
//
// +kubebuilder:object:generate=true
// +groupName=harvesterhci.io
package v1beta1

//go:generate go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0 object crd paths=. output:crd:artifacts:config=../../../../charts/croft-crd/templates
