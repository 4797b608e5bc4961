package loadbalancer

import (
	"testing"

	"crofthci.io/croft/fleet/index/rowtest"
)

func TestRow(t *testing.T) {
	const active = `{"spec":{"workloadType":"cluster","ipam":"pool","description":"Shop.","listeners":[{"name":"https","port":443,"protocol":"TCP","backendPort":8443}]},"status":{"address":"10.0.0.9","conditions":[{"type":"Ready","status":"True"}]}}`
	rowtest.Check(t, Type, map[string]rowtest.Case{
		"Active":    {"it answers", active, "state", "Active"},
		"Pending":   {"it has no address", `{}`, "state", "Pending"},
		"Failed":    {"the site's words", `{"status":{"conditions":[{"type":"Ready","status":"False","message":"the pool is empty"}]}}`, "state", "Failed"},
		"Address":   {"where it answers", active, "addresses", []string{"10.0.0.9"}},
		"NoAddress": {"what is no address is left out", `{"status":{"address":"soon"}}`, "addresses", []string(nil)},
		"Workload":  {"for whom it answers", active, "workloadType", "cluster"},
		"IPAM":      {"where the address comes from", active, "ipam", "pool"},
		"Listeners": {"the ports", active, "listeners", []listener{{Name: "https", Port: 443, Protocol: "TCP", BackendPort: 8443}}},
	})
	rowtest.CheckGarbage(t, Type)
}
