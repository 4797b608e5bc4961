package main

import (
	"slices"
	"testing"

	"crofthci.io/croft/fleet/index"
)

// TestCounts holds that what is counted is there to be counted, that there is a column for it, and that nobody sees a number
// of what he may not list.
func TestCounts(t *testing.T) {
	column := func(t *testing.T, of *index.Type, name string, kind index.Kind) {
		t.Helper()
		if !slices.ContainsFunc(of.Columns, func(c index.Column) bool { return c.Name == name && c.Kind == kind }) {
			t.Errorf("%s has no column %s of kind %d", of.Plural, name, kind)
		}
	}
	counts := 0
	for _, each := range indexed {
		for _, count := range each.Counts {
			counts++
			at := slices.IndexFunc(indexed, func(other *index.Type) bool { return other.Name == count.Of })
			if at < 0 {
				t.Fatalf("%s count %s, of which there are none", each.Plural, count.Of)
			}
			of := indexed[at]
			column(t, of, count.By, index.Text)
			for _, columns := range count.Columns {
				column(t, each, columns.Number, index.Number)
				column(t, each, columns.Last, index.Time)
				for where := range columns.Where {
					column(t, of, where, index.Text)
				}
				guarded := slices.ContainsFunc(each.Guards, func(g index.Guard) bool {
					return g.Right == of.Right() && slices.Contains(g.Fields, columns.Number) && slices.Contains(g.Fields, columns.Last)
				})
				if !guarded {
					t.Errorf("%s show %s and %s to who may not list %s", each.Plural, columns.Number, columns.Last, of.Right())
				}
			}
		}
	}
	if counts == 0 {
		t.Error("nothing is counted")
	}
}
