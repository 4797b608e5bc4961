package bulkoperation

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

const hub = "_hub"

// put writes an operation into the index as the hub's collector does.
func put(t *testing.T, rows *index.Index, name, creator string, phase fleetv1.BulkPhase, items ...fleetv1.BulkItemState) {
	t.Helper()
	op := fleetv1.BulkOperation{}
	op.Name, op.Spec.Type, op.Spec.Action, op.Spec.Creator.Username = name, "virtualmachine", "stop", creator
	op.Spec.Creator.Groups = []string{"secret"}
	for i, state := range items {
		op.Status.Items = append(op.Status.Items, fleetv1.BulkItem{ID: fmt.Sprintf("c-1/one/%d", i), State: state, UID: "uid"})
	}
	op.Status.Phase, op.Status.Counts = phase, count(op.Status.Items)
	text, err := json.Marshal(op)
	if err != nil {
		t.Fatal(err)
	}
	part, err := Type.Sources[0].Trim(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Apply(t.Context(), index.Batch{Site: hub, Type: Type, Changes: []index.Change{{Name: name, Part: part}}}); err != nil {
		t.Fatal(err)
	}
}

func openRows(t *testing.T, directory string) *index.Index {
	t.Helper()
	rows, err := index.Open(t.Context(), directory, []*index.Type{Type})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestRow shows an operation as its row does.
func TestRow(t *testing.T) {
	rows := openRows(t, t.TempDir())
	defer rows.Close()
	put(t, rows, "stop-1", "u-ann", fleetv1.BulkRunning, fleetv1.BulkItemSucceeded, fleetv1.BulkItemPending)
	entry, err := rows.Get(t.Context(), Type, index.Key{Site: hub, Name: "stop-1"})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		State, Creator, Action string
		Total, Succeeded       int
		Spec, Status           map[string]any
	}
	if err := json.Unmarshal(entry.Document, &got); err != nil {
		t.Fatal(err)
	}
	if got.State != "Running" || got.Creator != "u-ann" || got.Action != "stop" || got.Total != 2 || got.Succeeded != 1 {
		t.Errorf("the columns are %+v", got)
	}
	want := []any{map[string]any{"id": "c-1/one/0", "state": "Succeeded"}, map[string]any{"id": "c-1/one/1", "state": "Pending"}}
	if diff := cmp.Diff(want, got.Status["items"]); diff != "" {
		t.Errorf("the items (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"username": "u-ann"}, got.Spec["creator"]); diff != "" {
		t.Errorf("the creator's groups are nobody's business (-want +got)\n%s", diff)
	}
}

// TestOwners holds that everybody sees his own operations, from an index that was there before and from what happens.
func TestOwners(t *testing.T) {
	directory := t.TempDir()
	rows := openRows(t, directory)
	put(t, rows, "stop-1", "U-Ann", fleetv1.BulkCompleted)
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	rows = openRows(t, directory)
	defer rows.Close()
	owners := Owners{Hub: hub, Book: rights.NewBook()}
	if err := owners.Load(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	rows.OnEvent(func(event index.Event) {
		if _, err := owners.Event(event); err != nil {
			t.Error(err)
		}
	})
	put(t, rows, "stop-2", "u-bob", "")
	put(t, rows, "stop-2", "u-bob", fleetv1.BulkRunning)
	seen := func(name string) []string {
		return owners.Book.Listed(hub, rights.User{Name: name}, Type.Right()).Anywhere
	}
	for name, want := range map[string][]string{"U-Ann": {"stop-1"}, "u-bob": {"stop-2"}, "u-ann": nil} {
		if diff := cmp.Diff(want, seen(name)); diff != "" {
			t.Errorf("%s sees (-want +got)\n%s", name, diff)
		}
	}
	if err := rows.Apply(t.Context(), index.Batch{Site: hub, Type: Type, Changes: []index.Change{{Name: "stop-2"}}}); err != nil {
		t.Fatal(err)
	}
	if left := seen("u-bob"); left != nil {
		t.Errorf("after it was removed he sees %v", left)
	}
}

// TestMetrics counts operations by phase, and their items.
func TestMetrics(t *testing.T) {
	rows := openRows(t, t.TempDir())
	defer rows.Close()
	put(t, rows, "stop-1", "u-ann", fleetv1.BulkRunning, fleetv1.BulkItemSucceeded, fleetv1.BulkItemPending, fleetv1.BulkItemSent)
	put(t, rows, "stop-2", "u-ann", fleetv1.BulkCompleted, fleetv1.BulkItemSucceeded, fleetv1.BulkItemSkipped)
	put(t, rows, "stop-3", "u-ann", fleetv1.BulkPaused, fleetv1.BulkItemFailed, fleetv1.BulkItemPending, fleetv1.BulkItemUnknown)
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(&Metrics{Hub: hub, Rows: rows}); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.Metric {
			if value := metric.Gauge.GetValue(); value != 0 {
				got[family.GetName()+" "+metric.Label[0].GetValue()] = value
			}
		}
	}
	want := map[string]float64{
		"croft_fleet_bulk_operations Running": 1, "croft_fleet_bulk_operations Completed": 1, "croft_fleet_bulk_operations Paused": 1,
		"croft_fleet_bulk_items_waiting Running": 2, "croft_fleet_bulk_items_waiting Paused": 1,
		"croft_fleet_bulk_items succeeded": 2, "croft_fleet_bulk_items skipped": 1, "croft_fleet_bulk_items failed": 1, "croft_fleet_bulk_items unknown": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
