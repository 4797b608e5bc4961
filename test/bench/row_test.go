package bench

import (
	"encoding/json"
	"testing"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/virtualmachine"
	"crofthci.io/croft/test/bench/farm"
)

// BenchmarkRow makes a machine's row of the machine and its instance as a site sends them, without writing it anywhere:
// go test ./test/bench -run '^$' -bench Row -benchmem.
func BenchmarkRow(b *testing.B) {
	vm, vmi := farm.Machine("team-1", 4711)
	var objects [2][]byte
	for i, object := range []map[string]any{vm, vmi} {
		text, err := json.Marshal(object)
		if err != nil {
			b.Fatal(err)
		}
		objects[i] = text
	}
	for b.Loop() {
		parts := make([][]byte, len(objects))
		for source, object := range objects {
			part, err := virtualmachine.Type.Sources[source].Trim(object)
			if err != nil {
				b.Fatal(err)
			}
			parts[source] = part
		}
		if _, err := virtualmachine.Type.Join(parts); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkApply writes the machines of one site after the other into an index, as first lists do, and prints what one
// machine takes: go test ./test/bench -run '^$' -bench Apply -benchmem -benchtime 20000x.
func BenchmarkApply(b *testing.B) {
	rows, err := index.Open(b.Context(), b.TempDir(), []*index.Type{virtualmachine.Type})
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	const page = 500
	sites := make([][2][]index.Change, (b.N+page-1)/page)
	for i := range sites {
		sites[i] = changesOf(b, i*page, page)
	}
	b.ResetTimer()
	for i, changes := range sites {
		machines := index.Batch{Site: siteID(i), Type: virtualmachine.Type, Changes: changes[0], Version: "1"}
		instances := index.Batch{Site: siteID(i), Type: virtualmachine.Type, Source: 1, Changes: changes[1], Version: "1"}
		if err := rows.Apply(b.Context(), machines, instances); err != nil {
			b.Fatal(err)
		}
	}
}

// changesOf are so many machines of a farm and their instances, trimmed.
func changesOf(b *testing.B, from, count int) (changes [2][]index.Change) {
	b.Helper()
	for number := from; number < from+count; number++ {
		vm, vmi := farm.Machine("team-1", number)
		for source, object := range []map[string]any{vm, vmi} {
			if object == nil {
				continue // it is stopped
			}
			text, err := json.Marshal(object)
			if err != nil {
				b.Fatal(err)
			}
			part, err := virtualmachine.Type.Sources[source].Trim(text)
			if err != nil {
				b.Fatal(err)
			}
			name := object["metadata"].(map[string]any)["name"].(string) //nolint:forcetypeassert // the farm's own
			changes[source] = append(changes[source], index.Change{Namespace: "team-1", Name: name, Part: part})
		}
	}
	return changes
}
