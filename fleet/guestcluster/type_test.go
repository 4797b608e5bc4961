package guestcluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

// rowOf trims and joins, as the index does; ok says that there is a row.
func rowOf(t *testing.T, kind *index.Type, object string) (row index.Row, ok bool) {
	t.Helper()
	part, err := kind.Sources[0].Trim([]byte(object))
	if err != nil {
		t.Fatal(err)
	}
	if part == nil {
		return index.Row{}, false
	}
	if row, err = kind.Join([][]byte{part}); err != nil {
		t.Fatal(err)
	}
	return row, true
}

func TestRows(t *testing.T) {
	for name, kind := range map[string]*index.Type{"Cluster": Type, "Node": Nodes} {
		t.Run(name, func(t *testing.T) {
			for _, object := range []string{"", "null garbage", `{"metadata":5}`} {
				if _, err := kind.Sources[0].Trim([]byte(object)); err == nil {
					t.Errorf("%q was read", object)
				}
			}
		})
	}
	cases := map[string]struct {
		reason string
		kind   *index.Type
		object string
		has    bool
	}{
		"Imported":       {"a site is a provisioning cluster, too, and no guest", Type, `{"spec":{}}`, false},
		"Custom":         {"machines that Rancher does not make", Type, `{"spec":{"rkeConfig":{"machinePools":[]}}}`, false},
		"Elsewhere":      {"machines in a cloud", Type, `{"spec":{"rkeConfig":{"machinePools":[{"name":"a","machineConfigRef":{"kind":"Amazonec2Config"}}]}}}`, false},
		"Croft":          {"machines at sites", Type, `{"spec":{"rkeConfig":{"machinePools":[{"name":"a","machineConfigRef":{"kind":"CroftConfig"}}]}}}`, true},
		"Harvester":      {"by the other driver", Type, `{"spec":{"rkeConfig":{"machinePools":[{"name":"a","machineConfigRef":{"kind":"HarvesterConfig"}}]}}}`, true},
		"NodeElsewhere":  {"a node in a cloud", Nodes, `{"spec":{"infrastructureRef":{"kind":"Amazonec2Machine"}}}`, false},
		"NodeTemplate":   {"nothing but a machine", Nodes, `{"spec":{"infrastructureRef":{"kind":"CroftConfig"}}}`, false},
		"NodeOfCroft":    {"a node at a site", Nodes, `{"spec":{"infrastructureRef":{"kind":"CroftMachine"}}}`, true},
		"NodeOfHarverst": {"by the other driver", Nodes, `{"spec":{"infrastructureRef":{"kind":"HarvesterMachine"}}}`, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if _, has := rowOf(t, tc.kind, tc.object); has != tc.has {
				t.Errorf("%s: it has a row: %v", tc.reason, has)
			}
		})
	}
}

func TestColumns(t *testing.T) {
	const (
		pools  = `"rkeConfig":{"machinePools":[{"name":"masters","quantity":3,"etcdRole":true,"controlPlaneRole":true,"machineConfigRef":{"kind":"CroftConfig","name":"nc-1"}},{"name":"workers","quantity":0,"workerRole":true,"machineConfigRef":{"kind":"HarvesterConfig"}},{"name":"one","machineConfigRef":{"kind":"CroftConfig"}},{"name":"cloud","machineConfigRef":{"kind":"Amazonec2Config"}}]}`
		spec   = `"spec":{"kubernetesVersion":"v1.34.2+rke2r1",` + pools + `}`
		node   = `"metadata":{"labels":{"rke.cattle.io/rke-machine-pool-name":"workers","rke.cattle.io/worker-role":"true","rke.cattle.io/etcd-role":"true"}}`
		behind = `"infrastructureRef":{"kind":"CroftMachine","name":"prod-workers-x7k2p"}`
	)
	cases := map[string]struct {
		reason string
		kind   *index.Type
		object string
		column string
		want   any
	}{
		"Pools":        {"those at sites", Type, `{` + spec + `}`, "pools", []string{"masters", "one", "workers"}},
		"Drivers":      {"each once", Type, `{` + spec + `}`, "drivers", []string{"croft", "harvester"}},
		"Wanted":       {"a pool of none counts as none, and one that does not say as one", Type, `{` + spec + `}`, "nodesWanted", int64(4)},
		"Version":      {"what is wanted", Type, `{` + spec + `}`, "kubernetesVersion", "v1.34.2+rke2r1"},
		"Provisioning": {"until it is ready", Type, `{` + spec + `}`, "state", "Provisioning"},
		"Active":       {"ready", Type, `{` + spec + `,"status":{"ready":true,"clusterName":"c-m-guest"}}`, "state", "Active"},
		"ClusterID":    {"where its own API is", Type, `{` + spec + `,"status":{"ready":true,"clusterName":"c-m-guest"}}`, "clusterId", "c-m-guest"},
		"Updating":     {"ready, and something goes on", Type, `{` + spec + `,"status":{"ready":true,"conditions":[{"type":"Updated","status":"Unknown","message":"waiting for node"}]}}`, "state", "Updating"},
		"Reason":       {"in Rancher's words", Type, `{` + spec + `,"status":{"conditions":[{"type":"Ready","status":"False","message":"b"},{"type":"Updated","status":"Unknown","message":"a"}]}}`, "reason", "a"},
		"Failed":       {"somebody has to look", Type, `{` + spec + `,"status":{"conditions":[{"type":"Updated","status":"False","reason":"Error","message":"no such image"}]}}`, "state", "Failed"},
		"Removing":     {"it goes", Type, `{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},` + spec + `}`, "state", "Removing"},

		"Pool":         {"by its label", Nodes, `{` + node + `,"spec":{` + behind + `}}`, "pool", "workers"},
		"Roles":        {"by its labels, in order", Nodes, `{` + node + `,"spec":{` + behind + `}}`, "roles", []string{"etcd", "worker"}},
		"Machine":      {"what rancher-machine calls it", Nodes, `{"spec":{` + behind + `}}`, "machine", "prod-workers-x7k2p"},
		"UID":          {"what the cloud provider calls it", Nodes, `{"spec":{"providerID":"harvester://uid-1",` + behind + `}}`, "machineUID", "uid-1"},
		"OtherUID":     {"not what another does", Nodes, `{"spec":{"providerID":"rke2://prod",` + behind + `}}`, "machineUID", ""},
		"Cluster":      {"whose it is", Nodes, `{"spec":{"clusterName":"prod",` + behind + `}}`, "guestCluster", "prod"},
		"NodeName":     {"it has joined", Nodes, `{"spec":{` + behind + `},"status":{"nodeRef":{"name":"n1"}}}`, "nodeName", "n1"},
		"Pending":      {"nothing has happened", Nodes, `{"spec":{` + behind + `}}`, "state", "Pending"},
		"Running":      {"Cluster API's word", Nodes, `{"spec":{` + behind + `},"status":{"phase":"Running"}}`, "state", "Running"},
		"NodeReason":   {"what it waits for", Nodes, `{"spec":{` + behind + `},"status":{"phase":"Provisioning","conditions":[{"type":"InfrastructureReady","status":"False","message":"creating server"}]}}`, "reason", "creating server"},
		"NoNodeReason": {"what runs waits for nothing", Nodes, `{"spec":{` + behind + `},"status":{"phase":"Running","conditions":[{"type":"Paused","status":"False","message":"x"}]}}`, "reason", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			row, _ := rowOf(t, tc.kind, tc.object)
			if diff := cmp.Diff(tc.want, row.Values[tc.column]); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
