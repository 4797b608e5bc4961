package network

import (
	"testing"

	"crofthci.io/croft/fleet/index/rowtest"
)

func TestRow(t *testing.T) {
	const vlan = `{"metadata":{"labels":{"network.harvesterhci.io/type":"L2VlanNetwork","network.harvesterhci.io/clusternetwork":"data"}},"spec":{"config":"{\"type\":\"bridge\",\"bridge\":\"data-br\",\"vlan\":7,\"mtu\":9000}"}}`
	rowtest.Check(t, Type, map[string]rowtest.Case{
		"VLAN":           {"the number of the configuration", vlan, "vlan", int64(7)},
		"Type":           {"in Harvester's words", vlan, "networkType", "L2VlanNetwork"},
		"ClusterNetwork": {"what it is part of", vlan, "clusterNetwork", "data"},
		"Plugin":         {"what attaches machines", vlan, "plugin", "bridge"},
		"Chain":          {"the first of several plugins", `{"spec":{"config":"{\"plugins\":[{\"type\":\"ovs\"},{\"type\":\"tuning\"}]}"}}`, "plugin", "ovs"},
		"MTU":            {"of the configuration", vlan, "mtu", int64(9000)},
		"Unread":         {"a configuration of another form says nothing", `{"spec":{"config":"{\"vlan\":\"x\"}"}}`, "vlan", int64(0)},
		"Active":         {"nobody says that it is not", vlan, "state", "Active"},
		"NotReady":       {"the site says that it is not", `{"metadata":{"labels":{"network.harvesterhci.io/ready":"false"}}}`, "state", "NotReady"},
	})
	rowtest.CheckGarbage(t, Type)
}
