package bulkoperation

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/fleet/index"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

func someTime() metav1.Time { return metav1.NewTime(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) }

func sizeOf(t *testing.T, value any) int {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return len(text)
}

func TestWords(t *testing.T) {
	got := words(fleetv1.BulkSelector{Filter: []string{"state=Running", "cpu>2"}, Search: "web", Site: "one,two", ProjectsOrNamespaces: "p-shop"})
	want := url.Values{
		"filter": {"state=Running", "cpu>2"}, "search": {"web"}, "site": {"one,two"}, "projectsornamespaces": {"p-shop"},
		"pagesize": {"1000"}, "sort": {"name"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a selector is a list's query: (-want +got)\n%s", diff)
	}
}

func TestAddress(t *testing.T) {
	kind := func(group, resource string) *index.Type {
		return &index.Type{Sources: []index.Source{{Resource: schema.GroupVersionResource{Group: group, Version: "v1", Resource: resource}}}}
	}
	cases := map[string]struct {
		reason string
		t      *index.Type
		id     string
		want   string
	}{
		"Machine": {"a kind of a group", kind("kubevirt.io", "virtualmachines"), "c-1/default/web", "/k8s/clusters/c-1/v1/harvester/kubevirt.io.virtualmachines/default/web"},
		"Node":    {"a kind of no group and no namespace", kind("", "nodes"), "c-1/node-1", "/k8s/clusters/c-1/v1/harvester/nodes/node-1"},
		"Hostile": {"an id leads nowhere else", kind("", "nodes"), "c-1/a?action=x", "/k8s/clusters/c-1/v1/harvester/nodes/a%3Faction=x"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			key, ok := keyOf(tc.id)
			if got := address(tc.t, key); !ok || got != tc.want {
				t.Errorf("%s: got %s, want %s", tc.reason, got, tc.want)
			}
		})
	}
}

func TestKeyOf(t *testing.T) {
	for id, want := range map[string]bool{"c/n/m": true, "c/m": true, "c": false, "": false, "c//m": false, "a/b/c/d": false} {
		if _, got := keyOf(id); got != want {
			t.Errorf("%q: got %t, want %t", id, got, want)
		}
	}
}

func TestUnless(t *testing.T) {
	cases := map[string]struct {
		reason string
		mode   fleetv1.BulkMode
		is     fleetv1.BulkMode
		phase  fleetv1.BulkPhase
		own    bool
		may    bool
	}{
		"Run":       {"the creator runs what was a dry run", fleetv1.BulkRun, fleetv1.BulkDryRun, fleetv1.BulkChecked, true, true},
		"RunOther":  {"nobody else has it act as the creator", fleetv1.BulkRun, fleetv1.BulkDryRun, fleetv1.BulkChecked, false, false},
		"Pause":     {"others may pause it", fleetv1.BulkPause, fleetv1.BulkRun, fleetv1.BulkRunning, false, true},
		"PauseIdle": {"what does not run is not paused", fleetv1.BulkPause, fleetv1.BulkDryRun, fleetv1.BulkChecked, true, false},
		"Cancel":    {"others may end it", fleetv1.BulkCancel, fleetv1.BulkPause, fleetv1.BulkPaused, false, true},
		"Ended":     {"an end is an end", fleetv1.BulkRun, fleetv1.BulkRun, fleetv1.BulkCompleted, true, false},
		"Cancelled": {"also one that is only wanted yet", fleetv1.BulkRun, fleetv1.BulkCancel, fleetv1.BulkRunning, true, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			op := &fleetv1.BulkOperation{Spec: fleetv1.BulkOperationSpec{Mode: tc.is}, Status: fleetv1.BulkOperationStatus{Phase: tc.phase}}
			if got := unless(tc.mode, op, tc.own); (got == "") != tc.may {
				t.Errorf("%s: got %q", tc.reason, got)
			}
		})
	}
}
