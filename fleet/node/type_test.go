package node

import (
	"testing"
)

// TestState trims a node as a site tells it, and reads its row.
func TestState(t *testing.T) {
	ready := `"status":{"conditions":[{"type":"Ready","status":"True"}]}`
	for name, test := range map[string]struct{ reason, object, want string }{
		"ready":       {"it takes machines", `{"spec":{},` + ready + `}`, "Ready"},
		"cordoned":    {"somebody closed it", `{"spec":{"unschedulable":true},` + ready + `}`, "Cordoned"},
		"entering":    {"its machines are on their way", `{"metadata":{"annotations":{"harvesterhci.io/maintain-status":"running"}},"spec":{"unschedulable":true},` + ready + `}`, "EnteringMaintenance"},
		"maintenance": {"it is empty", `{"metadata":{"annotations":{"harvesterhci.io/maintain-status":"completed"}},"spec":{"unschedulable":true},` + ready + `}`, "Maintenance"},
		"ended":       {"what is left of an annotation closes nothing", `{"metadata":{"annotations":{"harvesterhci.io/maintain-status":"completed"}},` + ready + `}`, "Ready"},
		"not ready":   {"it is not well, whatever else", `{"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"False"}]}}`, "NotReady"},
		"silent":      {"it has never said", `{}`, "Unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			part, err := trim([]byte(test.object))
			if err != nil {
				t.Fatal(err)
			}
			row, err := join([][]byte{part})
			if err != nil {
				t.Fatal(err)
			}
			if got := row.Values["state"]; got != test.want {
				t.Errorf("it is %v, want %s: %s", got, test.want, test.reason)
			}
		})
	}
}
