package index_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

// TestLargeBatches holds that changes come out the same in large batches, of which the file is read at once, and one by one:
// of objects that come twice in a batch, that go, that are there already, and of runs that wait for their machine.
func TestLargeBatches(t *testing.T) {
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // the same in every run
		large, single := open(t, t.TempDir()), open(t, t.TempDir())
		for round := range 12 {
			source := random.IntN(2)
			var changes []index.Change
			for range 30 + random.IntN(200) {
				name := fmt.Sprintf("x%d", random.IntN(150))
				change := put("n", name, fmt.Sprintf(`{"state":"Stopped","cpu":%d,"addresses":["10.0.0.%d"]}`, random.IntN(3), random.IntN(3)))
				if random.IntN(4) == 0 {
					change = gone("n", name)
				}
				changes = append(changes, change)
			}
			apply(t, large, "a", source, changes...)
			for _, change := range changes {
				apply(t, single, "a", source, change)
			}
			if diff := cmp.Diff(rowsOf(t, single), rowsOf(t, large)); diff != "" {
				t.Fatalf("seed %d, round %d, source %d: (-one by one +at once)\n%s", seed, round, source, diff)
			}
			for number := range thing.Sources {
				if diff := cmp.Diff(keysOf(t, single, number), keysOf(t, large, number)); diff != "" {
					t.Fatalf("seed %d, round %d: the parts of source %d (-one by one +at once)\n%s", seed, round, number, diff)
				}
			}
		}
	}
}

// rowsOf are all rows as they are shown, from memory, and from the file.
func rowsOf(t *testing.T, x *index.Index) (all [][2]string) {
	t.Helper()
	query, err := index.Parse(thing, url.Values{"pagesize": {"1000"}, "sort": {"name"}})
	if err != nil {
		t.Fatal(err)
	}
	query.Scope = everything
	page, err := x.List(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range page.Entries {
		filed, err := x.Get(t.Context(), thing, entry.Key)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, [2]string{string(entry.Document), string(filed.Document)})
	}
	return all
}

func keysOf(t *testing.T, x *index.Index, source int) map[index.Key]int {
	t.Helper()
	keys, err := x.Keys(t.Context(), "a", thing, source)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// TestBatchesTogether holds that batches of both sources come out as they do one after the other, with each row told at most
// once for what it has of them, and in the file as in memory.
func TestBatchesTogether(t *testing.T) {
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 4)) //nolint:gosec // the same in every run
		both, apart := open(t, t.TempDir()), open(t, t.TempDir())
		for round := range 12 {
			var batches [2]index.Batch
			for source := range batches {
				batches[source] = index.Batch{Site: "a", Type: thing, Source: source, Version: fmt.Sprint(round)}
				for number := range 150 {
					change := put("n", fmt.Sprintf("x%d", number), fmt.Sprintf(`{"state":"Stopped","cpu":%d,"addresses":["10.0.0.%d"]}`, random.IntN(3), random.IntN(3)))
					if random.IntN(4) == 0 {
						change = gone("n", change.Name)
					}
					if random.IntN(3) > 0 {
						batches[source].Changes = append(batches[source].Changes, change)
					}
				}
			}
			told := map[string]int{}
			subscription := both.Subscribe(1000)
			if err := both.Apply(t.Context(), batches[0], batches[1]); err != nil {
				t.Fatal(err)
			}
			events, _, _ := subscription.Take()
			subscription.Stop()
			for _, event := range events {
				if told[event.Key.Name]++; event.Again || told[event.Key.Name] > 1 {
					t.Errorf("seed %d, round %d: %s was told again", seed, round, event.Key.Name)
				}
			}
			for _, batch := range batches {
				if err := apart.Apply(t.Context(), batch); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(rowsOf(t, apart), rowsOf(t, both)); diff != "" {
				t.Fatalf("seed %d, round %d: (-one after the other +together)\n%s", seed, round, diff)
			}
			for number, source := range thing.Sources {
				if diff := cmp.Diff(keysOf(t, apart, number), keysOf(t, both, number)); diff != "" {
					t.Fatalf("seed %d, round %d: the parts of source %d (-one after the other +together)\n%s", seed, round, number, diff)
				}
				if cursor, err := both.Cursor(t.Context(), "a", source); err != nil || cursor.Version != fmt.Sprint(round) {
					t.Errorf("seed %d, round %d: source %d was followed to %q, error %v", seed, round, number, cursor.Version, err)
				}
			}
		}
	}
}
