package guestcluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

func TestTogether(t *testing.T) {
	key := index.Key{Site: "_hub", Namespace: "fleet-default", Name: "prod"}
	workers := []Pool{{Name: "workers", Quantity: 2}}
	at := func(site, name, uid, pool string) Machine {
		return Machine{ID: site + "/guests/" + name, Name: name, UID: uid, Site: site, SiteName: site, State: "Running", Pool: pool}
	}
	cases := map[string]struct {
		reason   string
		nodes    []Node
		machines []Machine
		// machine is the id of the machine of the first node.
		machine string
		strays  int
		gone    int
		counts  Counts
	}{
		"UID":     {"a node that knows its machine has that one", []Node{{Machine: "a", MachineUID: "2", Pool: "workers", State: "Running"}}, []Machine{at("s1", "a", "1", "workers"), at("s2", "a", "2", "workers")}, "s2/guests/a", 1, 0, Counts{2, 1, 1, 2, 2}},
		"Name":    {"one that does not has the one of its name", []Node{{Machine: "a", Pool: "workers"}}, []Machine{at("s1", "a", "1", "workers"), at("s1", "b", "2", "workers")}, "s1/guests/a", 1, 0, Counts{2, 1, 0, 2, 2}},
		"Twice":   {"of two of its name none is taken for it", []Node{{Machine: "a", Pool: "workers"}}, []Machine{at("s1", "a", "1", "workers"), at("s2", "a", "2", "workers")}, "", 2, 0, Counts{2, 1, 0, 2, 2}},
		"Forged":  {"a machine of another UID is none, whatever it is called", []Node{{Machine: "a", MachineUID: "9", Pool: "workers"}}, []Machine{at("s1", "a", "1", "workers")}, "", 1, 0, Counts{2, 1, 0, 1, 1}},
		"Left":    {"what is left of another pool is shown", []Node{{Machine: "a", Pool: "old"}}, nil, "", 0, 1, Counts{2, 1, 0, 0, 0}},
		"Nothing": {"nothing yet", nil, nil, "", 0, 0, Counts{Wanted: 2}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			view := Together(key, workers, tc.nodes, tc.machines)
			machine, strays, gone := "", 0, 0
			for _, pool := range view.Pools {
				strays += len(pool.Strays)
				if pool.Gone {
					gone++
				}
				if len(pool.Nodes) > 0 && pool.Nodes[0].At != nil {
					machine = pool.Nodes[0].At.ID
				}
			}
			if machine != tc.machine || strays != tc.strays || gone != tc.gone {
				t.Errorf("%s: machine %q, %d strays, %d pools gone: %+v", tc.reason, machine, strays, gone, view.Pools)
			}
			if diff := cmp.Diff(tc.counts, view.Counts); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

// TestNoMachines holds that what there is none of is an empty list, also on the wire: pages go through it.
func TestNoMachines(t *testing.T) {
	view := Together(index.Key{}, []Pool{{Name: "workers", Quantity: 1}}, nil, nil)
	if view.Sites == nil || view.Pools[0].Nodes == nil || view.Pools[0].Strays == nil {
		t.Errorf("null on the wire: %+v", view)
	}
}
