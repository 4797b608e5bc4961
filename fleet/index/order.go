package index

import (
	"math"

	"crofthci.io/croft/fleet/index/memory"
)

// keys are the order in memory. What is hidden sorts nothing.
func (q *Query) keys() []memory.Key {
	var keys []memory.Key
	for _, key := range q.sort {
		if !key.column.hid {
			_, order := q.Type.at(key.column)
			keys = append(keys, memory.Key{Column: order, Descending: key.descending})
		}
	}
	return keys
}

// ended is where a page ended, as a token has it: a value for each key, also for those that are hidden.
func (q *Query) ended(last []memory.Cell) []any {
	values := make([]any, 0, len(q.sort))
	for _, key := range q.sort {
		if key.column.hid {
			values = append(values, "")
			continue
		}
		values = append(values, key.column.value(last[0]))
		last = last[1:]
	}
	return values
}

// value is what a token has of a cell.
func (c Column) value(cell memory.Cell) any {
	switch c.Kind {
	case Number, Time:
		if whole := int64(cell.Number); float64(whole) == cell.Number && math.Abs(cell.Number) < 1<<53 {
			return whole
		}
		return cell.Number
	case Addresses:
		return []byte(cell.Text)
	default:
		return cell.Text
	}
}

// position is where a query goes on, nil if it begins.
func (q *Query) position() *memory.Position {
	if q.after == nil {
		return nil
	}
	after := &memory.Position{ID: q.after.ID}
	for i, key := range q.sort {
		if !key.column.hid {
			after.Cells = append(after.Cells, inCells(q.after.Values[i:i+1])...)
		}
	}
	return after
}
