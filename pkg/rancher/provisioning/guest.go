package provisioning

import (
	"encoding/json"
	"strings"
)

// Guest is what Rancher derives from the spec of a guest cluster. It is empty for a cluster that exists and is imported.
//
// +kubebuilder:object:generate=false
type Guest struct {
	// Provider is the Kubernetes distribution: rke2 or k3s.
	Provider string
	// MachineProvider is the node driver of the first machine pool; empty where there is none.
	MachineProvider string
}

// Guest reads it from the spec.
func (s ClusterSpec) Guest() Guest {
	var spec struct {
		KubernetesVersion string `json:"kubernetesVersion"`
		RKEConfig         *struct {
			MachinePools []struct {
				MachineConfigRef struct {
					Kind string `json:"kind"`
				} `json:"machineConfigRef"`
			} `json:"machinePools"`
		} `json:"rkeConfig"`
	}
	if len(s.Raw) == 0 || json.Unmarshal(s.Raw, &spec) != nil || spec.RKEConfig == nil {
		return Guest{}
	}
	guest := Guest{Provider: "rke2"}
	if strings.Contains(spec.KubernetesVersion, "+k3s") {
		guest.Provider = "k3s"
	}
	for _, pool := range spec.RKEConfig.MachinePools {
		if driver, ok := strings.CutSuffix(pool.MachineConfigRef.Kind, "Config"); ok {
			guest.MachineProvider = strings.ToLower(driver)
			break
		}
	}
	return guest
}
