package index

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"crofthci.io/croft/fleet/index/memory"
)

const (
	// mostSummaries is how many fields of a query are summed up.
	mostSummaries = 8
	// mostValues is how many values of a field are counted.
	mostValues = 5000
)

// Summary is how many of a query's rows have each value of a field, on whatever page they are.
type Summary struct {
	// Field is the field as it was asked for.
	Field string
	// Totals are by value. A row without the label that was asked for is in none.
	Totals map[string]Total
}

// Total is how many rows have one value.
type Total struct {
	// Rows is all of them.
	Rows int
	// Namespaces are the numbers by namespace, over all sites, where they were asked for.
	Namespaces map[string]int
}

// summed is a field that is summed up: a column, or a label.
type summed struct {
	field string
	condition
}

// parseSummary reads summary=state,site,metadata.labels[app], summaryonly and summarynamespaced, as Steve does.
func parseSummary(q *Query, values url.Values) error {
	for _, field := range list(values.Get("summary")) {
		c, err := conditionOn(q.Type, field)
		if err != nil {
			return err
		}
		if c.label == "" && (c.column.Kind == Words || c.column.Kind == Addresses) {
			return &FieldError{Field: field, Message: "is a list, of which nothing is summed up"}
		}
		q.summed = append(q.summed, summed{field, c})
	}
	if len(q.summed) > mostSummaries {
		return &FieldError{Field: "summary", Message: fmt.Sprintf("has more than %d fields", mostSummaries)}
	}
	for name, flag := range map[string]*bool{"summaryonly": &q.SummaryOnly, "summarynamespaced": &q.byNamespace} {
		switch text := values.Get(name); {
		case !values.Has(name) || text == "false":
		case text != "" && text != "true":
			return &FieldError{Field: name, Message: fmt.Sprintf("%q is neither true nor false", text)}
		case len(q.summed) == 0:
			return &FieldError{Field: name, Message: "needs summary with a field"}
		default:
			*flag = true
		}
	}
	return nil
}

// Summaries sums up the fields that the query asks for.
func (x *Index) Summaries(q Query) ([]Summary, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	var summaries []Summary
	for _, field := range q.summed {
		// Tests remember what they have looked at, so that each is for one pass.
		tests, err := x.tests(&q)
		if err != nil {
			return nil, err
		}
		table, err := x.table(q.Type)
		if err != nil {
			return nil, err
		}
		sums, ok := table.Sum(memory.Query{Scope: q.Scope.sights(), Search: q.searched(), Tests: tests}, field.value(q.Type), mostValues)
		if !ok {
			return nil, &FieldError{Field: field.field, Message: fmt.Sprintf("has more than %d values; narrow the query, or leave it out of summary", mostValues)}
		}
		summaries = append(summaries, Summary{Field: field.field, Totals: totalsOf(sums, q.byNamespace)})
	}
	return summaries, nil
}

// value is what a row is counted under. What is hidden is the same for all.
func (s summed) value(t *Type) memory.Value {
	at, _ := t.at(s.column)
	switch {
	case s.label != "":
		return memory.LabelOf(s.label)
	case s.column.hid:
		return memory.Same("")
	case s.column.Kind == Number:
		return memory.NumberOf(at, func(number float64) string { return strconv.FormatFloat(number, 'f', -1, 64) })
	case s.column.Kind == Time:
		return memory.NumberOf(at, func(seconds float64) string { return time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339) })
	default:
		return memory.TextOf(at)
	}
}

// totalsOf are sums by value and namespace, taken apart by namespace where that was asked for.
func totalsOf(sums map[string]map[string]int, byNamespace bool) map[string]Total {
	totals := map[string]Total{}
	for value, namespaces := range sums {
		var total Total
		for _, rows := range namespaces {
			total.Rows += rows
		}
		if byNamespace {
			delete(namespaces, "") // what lives in none
			total.Namespaces = namespaces
		}
		totals[value] = total
	}
	return totals
}
