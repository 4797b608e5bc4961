package index

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// The sizes of a page.
const (
	// DefaultPage is the size of a page when the caller names none.
	DefaultPage = 100
	// LargestPage is the most rows that one answer holds.
	LargestPage = 1000
)

// longest is the most bytes of a parameter that are looked at, and most conditions of a query.
const (
	longestParameter = 4096
	mostConditions   = 64
	mostSortKeys     = 4
)

// Query is what a caller asks of one type.
type Query struct {
	// Type is the type of the rows.
	Type *Type
	// Scope is what the caller may see. The zero Scope shows nothing.
	Scope Scope
	// Page counts from 1; a page beyond the end is empty. It is not looked at when the query goes on from a token.
	Page int
	// Size is the number of rows of a page.
	Size int
	// SummaryOnly says that the rows are not asked for, only what they sum up to.
	SummaryOnly bool

	sort     []sortKey
	filters  [][]condition
	search   string
	sites    []string
	projects []string
	without  []string
	after    *token
	// summed are the fields that are summed up, and byNamespace whether each total is taken apart.
	summed      []summed
	byNamespace bool
	// unsearched are columns that are not searched.
	unsearched []string
}

// sortKey is one column of the order.
type sortKey struct {
	column     Column
	descending bool
}

// Parse reads a query as it stands in an address: page, pagesize (or limit), continue, sort, filter (any number of
// times), search, site, projectsornamespaces, projectsornamespaces! and summary. Errors are *FieldError.
func Parse(t *Type, values url.Values) (Query, error) {
	q := Query{Type: t}
	for name, all := range values {
		for _, value := range all {
			if strings.ContainsRune(value, 0) {
				return Query{}, &FieldError{Field: name, Message: "holds a NUL character"}
			}
			if len(value) > longestParameter && name != "continue" && !strings.HasPrefix(name, "projectsornamespaces") {
				return Query{}, &FieldError{Field: name, Message: fmt.Sprintf("is longer than %d bytes", longestParameter)}
			}
		}
	}
	steps := []func(*Query, url.Values) error{parsePage, parseSort, parseFilters, parsePlaces, parseContinue, parseSummary}
	for _, step := range steps {
		if err := step(&q, values); err != nil {
			return Query{}, err
		}
	}
	return q, nil
}

func parsePage(q *Query, values url.Values) error {
	var err error
	if q.Page, err = number(values, "page", 1, 1<<30); err != nil {
		return err
	}
	if q.Size, err = number(values, "limit", DefaultPage, LargestPage); err != nil {
		return err
	}
	q.Size, err = number(values, "pagesize", q.Size, LargestPage)
	return err
}

// number reads a number from 1 to most. Larger ones count as most: Steve's clients ask for 100,000 rows when they mean
// all that there is.
func number(values url.Values, name string, otherwise, most int) (int, error) {
	text := values.Get(name)
	if text == "" {
		return otherwise, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < 1 {
		return 0, &FieldError{Field: name, Message: fmt.Sprintf("%q is not a number from 1 to %d", text, most)}
	}
	return min(value, most), nil
}

func parseSort(q *Query, values url.Values) error {
	for _, text := range strings.Split(values.Get("sort"), ",") {
		field, descending := strings.CutPrefix(text, "-")
		if field == "" {
			continue
		}
		if inner, ok := strings.CutPrefix(field, "ip("); ok {
			field = strings.TrimSuffix(inner, ")")
		}
		column, ok := q.Type.column(field)
		if !ok {
			return unknownField(q.Type, field)
		}
		if column.Kind == Words {
			return &FieldError{Field: field, Message: "is a list, by which nothing is sorted"}
		}
		q.sort = append(q.sort, sortKey{column: column, descending: descending})
	}
	if len(q.sort) > mostSortKeys {
		return &FieldError{Field: "sort", Message: fmt.Sprintf("has more than %d fields", mostSortKeys)}
	}
	q.sort = withName(q.Type, q.sort)
	return nil
}

// withName ends an order with the name, in the direction of what comes before, as the indexes of the tables do.
func withName(t *Type, keys []sortKey) []sortKey {
	name, _ := t.column("name")
	descending := false
	for _, key := range keys {
		if key.column.Name == name.Name {
			return keys
		}
		descending = key.descending
	}
	return append(keys, sortKey{column: name, descending: descending})
}

func parseFilters(q *Query, values url.Values) error {
	count := 0
	for _, text := range values["filter"] {
		if strings.TrimSpace(text) == "" {
			continue
		}
		conditions, err := parseFilter(q.Type, text)
		if err != nil {
			return err
		}
		if count += len(conditions); count > mostConditions {
			return &FieldError{Field: "filter", Message: fmt.Sprintf("has more than %d conditions", mostConditions)}
		}
		q.filters = append(q.filters, conditions)
	}
	q.search = strings.TrimSpace(values.Get("search"))
	return nil
}

func parsePlaces(q *Query, values url.Values) error {
	q.sites = list(values.Get("site"))
	q.projects = list(values.Get("projectsornamespaces"))
	q.without = list(values.Get("projectsornamespaces!"))
	return nil
}

// list takes a value apart at its commas.
func list(text string) []string {
	var parts []string
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
