package credential

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"crofthci.io/croft/backend/capability"
)

// The cluster roles that a credential can have.
const (
	cloudProviderRole = "harvesterhci.io:cloudprovider"
	csiDriverRole     = "harvesterhci.io:csi-driver"
	nodeDriverRole    = "harvesterhci.io:node-driver"
)

// The forms of an answer.
const (
	formatKubeconfig = "kubeconfig"
	formatCloudInit  = "yaml"
)

// Input asks for a credential.
type Input struct {
	// CSIClusterRoleName is harvesterhci.io:csi-driver for a guest cluster that has Harvester's CSI driver, "" for none.
	CSIClusterRoleName string `json:"csiclusterRoleName,omitempty"`
	// ClusterRoleName is harvesterhci.io:cloudprovider. Needed, except in the credential of a node driver alone.
	ClusterRoleName string `json:"clusterRoleName,omitempty"`
	// NodeDriverClusterRoleName is harvesterhci.io:node-driver for whoever makes the guest's machines, "" for the guest itself.
	NodeDriverClusterRoleName string `json:"nodeDriverClusterRoleName,omitempty"`
	// Namespace is where the guest cluster's machines are, and all that the credential reaches. Needed.
	Namespace string `json:"namespace"`
	// ServiceAccountName is the name of the guest cluster. Needed.
	ServiceAccountName string `json:"serviceAccountName"`
	// OutputFormat is yaml for files that cloud-init writes, "" or kubeconfig for the kubeconfig itself.
	OutputFormat string `json:"outputFormat,omitempty"`
}

// checkRoles refuses all roles but the three that guest clusters are for: a route that binds whatever it is told would be a
// way around the API server's own rules.
func checkRoles(input Input) error {
	if input.NodeDriverClusterRoleName != "" && input.NodeDriverClusterRoleName != nodeDriverRole {
		return capability.Refuse("nodeDriverClusterRoleName", "nodeDriverClusterRoleName must be %s, or empty for an access that makes no machines.", nodeDriverRole)
	}
	alone := input.ClusterRoleName == "" && input.NodeDriverClusterRoleName != ""
	if input.ClusterRoleName != cloudProviderRole && !alone {
		return capability.Refuse("clusterRoleName", "clusterRoleName must be %s.", cloudProviderRole)
	}
	if input.CSIClusterRoleName != "" && input.CSIClusterRoleName != csiDriverRole {
		return capability.Refuse("csiclusterRoleName", "csiclusterRoleName must be %s, or empty for a guest cluster without the CSI driver.", csiDriverRole)
	}
	return nil
}

// checkNames refuses names that no namespace or service account can have, and forms that nobody knows.
func checkNames(input Input) error {
	names := []struct {
		field, value string
		problems     func(string) []string
	}{
		{"namespace", input.Namespace, validation.IsDNS1123Label},
		{"serviceAccountName", input.ServiceAccountName, validation.IsDNS1123Subdomain},
	}
	for _, name := range names {
		if name.value == "" {
			return capability.Refuse(name.field, "%s is needed.", name.field)
		}
		if problems := name.problems(name.value); len(problems) > 0 {
			return capability.Refuse(name.field, "%s cannot be %q: %s.", name.field, name.value, strings.Join(problems, ", "))
		}
	}
	if !slices.Contains([]string{"", formatKubeconfig, formatCloudInit}, input.OutputFormat) {
		return capability.Refuse("outputFormat", "outputFormat must be %s or %s.", formatKubeconfig, formatCloudInit)
	}
	return nil
}

// subject is the credential in a sentence.
func (i Input) subject() string {
	return fmt.Sprintf("service account %s in %s", i.ServiceAccountName, i.Namespace)
}
