package guestcluster

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/index"
)

// readCluster is as much of a provisioning cluster as is read.
type readCluster struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		KubernetesVersion string `json:"kubernetesVersion"`
		RKEConfig         *struct {
			MachinePools []readPool `json:"machinePools"`
		} `json:"rkeConfig"`
	} `json:"spec"`
	Status struct {
		Ready       bool            `json:"ready"`
		ClusterName string          `json:"clusterName"`
		Conditions  []readCondition `json:"conditions"`
	} `json:"status"`
}

// readPool is as much of a pool as is read.
type readPool struct {
	Name             string `json:"name"`
	Quantity         *int32 `json:"quantity"`
	EtcdRole         bool   `json:"etcdRole"`
	ControlPlaneRole bool   `json:"controlPlaneRole"`
	WorkerRole       bool   `json:"workerRole"`
	NodeConfig       *struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	} `json:"machineConfigRef"`
	Annotations map[string]string `json:"machineDeploymentAnnotations"`
}

// readCondition is as much of a condition as is read.
type readCondition struct {
	Type    string `json:"type"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// Pool is a pool of machines as a row shows it.
type Pool struct {
	// Name is unique in its cluster.
	Name string `json:"name"`
	// Quantity is how many nodes it is to have.
	Quantity int64 `json:"quantity"`
	// Roles are etcd, controlplane and worker.
	Roles []string `json:"roles"`
	// Driver is the node driver, and Config the name of the object with what it is told.
	Driver string `json:"driver"`
	Config string `json:"config,omitempty"`
	// Min and Max are the bounds within which the cluster autoscaler changes the quantity; empty where it does not.
	Min string `json:"min,omitempty"`
	Max string `json:"max,omitempty"`
}

// keptCluster is what is kept of a guest cluster.
type keptCluster struct {
	index.Meta
	Version string `json:"version,omitempty"`
	ID      string `json:"id,omitempty"`
	Ready   bool   `json:"ready,omitempty"`
	// Problem is what stands in the way, and Broken says that Rancher has given it up.
	Problem string `json:"problem,omitempty"`
	Broken  bool   `json:"broken,omitempty"`
	Pools   []Pool `json:"pools"`
}

// mostPools is how many pools of a cluster are kept.
const mostPools = 64

// drivers are the node drivers that make machines at sites, by the kind of what they are told.
var drivers = map[string]string{"CroftConfig": "croft", "HarvesterConfig": "harvester"}

// keepCluster keeps what a row shows, and nothing of a cluster without machines at sites.
func keepCluster(cluster *readCluster) *keptCluster {
	if cluster.Spec.RKEConfig == nil {
		return nil
	}
	kept := &keptCluster{
		Meta: index.MetaOf(&cluster.ObjectMeta), Version: index.Short(cluster.Spec.KubernetesVersion),
		ID: index.Short(cluster.Status.ClusterName), Ready: cluster.Status.Ready,
	}
	for _, pool := range cluster.Spec.RKEConfig.MachinePools {
		if pool.NodeConfig != nil && drivers[pool.NodeConfig.Kind] != "" && len(kept.Pools) < mostPools {
			kept.Pools = append(kept.Pools, poolOf(pool))
		}
	}
	if len(kept.Pools) == 0 {
		return nil
	}
	kept.Problem, kept.Broken = problemOf(cluster.Status.Conditions)
	return kept
}

func poolOf(pool readPool) Pool {
	shown := Pool{
		Name: index.Short(pool.Name), Quantity: 1, Roles: []string{}, Driver: drivers[pool.NodeConfig.Kind], Config: index.Short(pool.NodeConfig.Name),
		Min: index.Short(pool.Annotations[annotationMin]), Max: index.Short(pool.Annotations[annotationMax]),
	}
	if pool.Quantity != nil {
		shown.Quantity = int64(*pool.Quantity)
	}
	for _, role := range []struct {
		name string
		has  bool
	}{{"controlplane", pool.ControlPlaneRole}, {"etcd", pool.EtcdRole}, {"worker", pool.WorkerRole}} {
		if role.has {
			shown.Roles = append(shown.Roles, role.name)
		}
	}
	return shown
}

// The bounds of a pool that the cluster autoscaler's provider for Rancher reads, in machineDeploymentAnnotations of the
// pool: https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler/cloudprovider/rancher
const (
	annotationMin = "cluster.provisioning.cattle.io/autoscaler-min-size"
	annotationMax = "cluster.provisioning.cattle.io/autoscaler-max-size"
)

// problemOf is what Rancher says stands in the way: what has stalled, or else the first of what is not done yet.
func problemOf(conditions []readCondition) (sentence string, broken bool) {
	for _, condition := range conditions {
		if condition.Type == "Stalled" && condition.Status == "True" || condition.Reason == "Error" && condition.Status == "False" {
			return index.Long(condition.Message), true
		}
	}
	for _, wanted := range []string{"Updated", "Provisioned", "Ready"} {
		for _, condition := range conditions {
			if condition.Type == wanted && condition.Status != "True" && condition.Message != "" {
				return index.Long(condition.Message), false
			}
		}
	}
	return "", false
}

func clusterRow(k *keptCluster) index.Row {
	var pools, made []string
	var wanted int64
	for _, pool := range k.Pools {
		pools, made, wanted = append(pools, pool.Name), append(made, pool.Driver), wanted+pool.Quantity
	}
	word, state := stateOf(k)
	row := k.Row(word, state, map[string]any{
		"reason": k.Problem, "kubernetesVersion": k.Version, "pools": index.List(pools), "drivers": index.List(made),
		"nodesWanted": wanted, "clusterId": k.ID,
	})
	row.Shown = map[string]any{"machinePools": k.Pools}
	return row
}

// stateOf says in a word how a guest cluster is.
func stateOf(k *keptCluster) (string, index.State) {
	sentence := strings.TrimSpace(k.Problem)
	switch {
	case k.Broken:
		return "Failed", index.State{Error: true, Message: sentence}
	case k.Ready && sentence != "":
		return "Updating", index.State{Transitioning: true, Message: sentence}
	case k.Ready:
		return "Active", index.State{}
	default:
		return "Provisioning", index.State{Transitioning: true, Message: sentence}
	}
}
