package index

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Guard is a part of a type's rows that only those may see who may list another resource there too.
type Guard struct {
	// Right is that resource.
	Right schema.GroupResource
	// Fields are the fields of the row as it is shown, with a dot before one that lies in another. Columns among them are
	// guarded by that too.
	Fields []string
}

// Hide takes the columns of a guard out of the query: to sort or to search by them does nothing, and to a filter they are
// empty. So nothing can be learned from the order of rows, or from which ones there are.
func (q *Query) Hide(guard Guard) {
	hide := func(column Column) Column {
		if slices.Contains(guard.Fields, column.Name) {
			return column.hidden()
		}
		return column
	}
	for i := range q.sort {
		q.sort[i].column = hide(q.sort[i].column)
	}
	for _, alternatives := range q.filters {
		for i := range alternatives {
			alternatives[i].column = hide(alternatives[i].column)
		}
	}
	for i := range q.summed {
		q.summed[i].column = hide(q.summed[i].column)
	}
	q.unsearched = append(q.unsearched, guard.Fields...)
}

// hidden is a column in which nothing stands.
func (c Column) hidden() Column {
	c.hid = true
	return c
}
