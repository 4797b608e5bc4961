package index

import (
	"slices"
	"strings"

	"crofthci.io/croft/fleet/index/memory"
)

// sights is a scope as rows are held against it.
type sights struct {
	sites, anywhere   map[string]struct{}
	namespaces, parts map[[2]string]struct{}
	names             map[[3]string]struct{}
	named             map[[2]string]struct{}
}

func (s Scope) sights() sights {
	seen := sights{
		sites: setOf(s.Sites), namespaces: setOf(s.Namespaces), names: setOf(s.Names), named: setOf(s.Anywhere),
		parts: map[[2]string]struct{}{}, anywhere: map[string]struct{}{},
	}
	for _, name := range s.Names {
		seen.parts[[2]string{name[0], name[1]}] = struct{}{}
	}
	for _, name := range s.Anywhere {
		seen.anywhere[name[0]] = struct{}{}
	}
	return seen
}

// Whole says what of a namespace may be seen.
func (s sights) Whole(site, namespace string) (whole, part bool) {
	if _, ok := s.sites[site]; ok {
		return true, true
	}
	pair := [2]string{site, namespace}
	if _, ok := s.namespaces[pair]; ok {
		return true, true
	}
	_, named := s.parts[pair]
	_, anywhere := s.anywhere[site]
	return false, named || anywhere
}

// Named says whether a single object may be seen.
func (s sights) Named(site, namespace, name string) bool {
	if _, ok := s.names[[3]string{site, namespace, name}]; ok {
		return true
	}
	_, ok := s.named[[2]string{site, name}]
	return ok
}

// tests are what a row must be besides in the scope.
func (x *Index) tests(q *Query) ([]memory.Test, error) {
	var tests []memory.Test
	for _, alternatives := range q.filters {
		var options []memory.Test
		for _, c := range alternatives {
			test, err := c.test(q.Type)
			if err != nil {
				return nil, err
			}
			options = append(options, test)
		}
		if len(options) == 1 {
			tests = append(tests, options[0])
			continue
		}
		tests = append(tests, memory.Any(options...))
	}
	if len(q.sites) > 0 {
		wanted := condition{column: fixed[0], operator: oneOf, values: q.sites}
		tests = append(tests, wanted.siteTest())
	}
	if len(q.projects) > 0 {
		tests = append(tests, x.within(q.projects))
	}
	if len(q.without) > 0 {
		tests = append(tests, memory.Not(x.within(q.without)))
	}
	return tests, nil
}

// searched looks for free text in the columns that are searched, but for those that are hidden; nil where nothing is
// looked for.
func (q *Query) searched() *memory.Search {
	if q.search == "" {
		return nil
	}
	var without []int
	for _, column := range q.Type.AllColumns() {
		if column.Searched && slices.Contains(q.unsearched, column.Name) {
			at, _ := q.Type.at(column)
			without = append(without, at)
		}
	}
	return memory.NewSearch(memory.Fold(q.search), without...)
}

// namespaceType and projectColumn are where the Rancher project of a namespace stands.
const (
	namespaceType = "namespace"
	projectColumn = "project"
)

// within holds in namespaces by name or by Rancher project. A project is named as Rancher does, by its own name or by
// cluster and name.
func (x *Index) within(names []string) memory.Test {
	wanted, folded := setOf(names), map[string]struct{}{}
	for _, each := range names {
		folded[memory.Fold(each)] = struct{}{}
	}
	inProject := map[[2]string]struct{}{}
	for _, t := range x.types {
		column, ok := t.column(projectColumn)
		if t.Name != namespaceType || !ok {
			continue
		}
		at, _ := t.at(column)
		x.tables[t.Name].Each(func(visited memory.Visited) bool {
			project := visited.Text(at)
			_, byName := folded[project]
			_, byBoth := folded[memory.Fold(visited.Site)+":"+project]
			return project != "" && (byName || byBoth)
		}, func(visited memory.Visited) { inProject[[2]string{visited.Site, visited.Name}] = struct{}{} })
	}
	return memory.PlaceIs(func(site, namespace string) bool {
		if _, ok := wanted[namespace]; ok {
			return true
		}
		_, ok := inProject[[2]string{site, namespace}]
		return ok
	})
}

// test is the condition as rows are held against it.
func (c condition) test(t *Type) (memory.Test, error) {
	if c.label != "" {
		return c.labelTest(), nil
	}
	at, _ := t.at(c.column)
	if c.column.Kind == Number || c.column.Kind == Time {
		return c.numberTest(at)
	}
	positive := c.positive()
	is := positive.textTest()
	var test memory.Test
	switch {
	case c.column.hid:
		test = memory.Always(is(""))
	case at == memory.Site:
		test = positive.siteTest()
	default:
		test = memory.TextIs(at, is, positive.part())
	}
	if c.negative() {
		test = memory.Not(test)
	}
	return test, nil
}

// labelTest holds a label against the condition. A label's word is compared as it is. Where the condition is negative,
// rows without the label meet it.
func (c condition) labelTest() memory.Test {
	test := memory.LabelIs(c.label, c.positive().wordTest())
	if c.negative() {
		return memory.Not(test)
	}
	return test
}

func (c condition) wordTest() func(string) bool {
	switch c.operator {
	case present:
		return func(string) bool { return true }
	case contains:
		part := memory.Fold(c.values[0])
		return func(word string) bool { return strings.Contains(memory.Fold(word), part) }
	case oneOf:
		return func(word string) bool { return slices.Contains(c.values, word) }
	case below:
		return func(word string) bool { return word < c.values[0] }
	case above:
		return func(word string) bool { return word > c.values[0] }
	default:
		return func(word string) bool { return word == c.values[0] }
	}
}

// negative says that a condition is met by what has nothing.
func (c condition) negative() bool {
	return slices.Contains([]operator{differs, containsNot, noneOf, absent}, c.operator)
}

// positive is the contrary of a negative condition. Another is its own.
func (c condition) positive() condition {
	switch c.operator {
	case absent:
		c.operator = present
	case differs:
		c.operator = equals
	case containsNot:
		c.operator = contains
	case noneOf:
		c.operator = oneOf
	}
	return c
}

// part is what stands in every text that meets the condition, if that is known.
func (c condition) part() string {
	if len(c.values) == 1 && slices.Contains([]operator{equals, contains, oneOf}, c.operator) {
		return memory.Fold(c.values[0])
	}
	return ""
}

// folded are the values without case.
func (c condition) folded() []string {
	var all []string
	for _, value := range c.values {
		all = append(all, memory.Fold(value))
	}
	return all
}

// textTest compares text that has no case any more, by a condition that is not negative. Of addresses and words each is
// compared.
func (c condition) textTest() func(string) bool {
	values := c.folded()
	switch c.operator {
	case contains:
		return func(text string) bool { return strings.Contains(text, values[0]) }
	case below:
		return func(text string) bool { return text < values[0] }
	case above:
		return func(text string) bool { return text > values[0] }
	case present:
		return func(text string) bool { return text != "" }
	}
	if c.column.Kind != Addresses && c.column.Kind != Words {
		return func(text string) bool { return slices.Contains(values, text) }
	}
	return func(text string) bool {
		for word := range strings.SplitSeq(text, " ") {
			if word != "" && slices.Contains(values, word) {
				return true
			}
		}
		return false
	}
}

// siteTest compares with a site's id and with its display name, by a condition that is not negative.
func (c condition) siteTest() memory.Test {
	is := c.textTest()
	byID := memory.PlaceIs(func(site, _ string) bool { return is(memory.Fold(site)) })
	if !slices.Contains([]operator{equals, contains, oneOf}, c.operator) {
		return byID
	}
	return memory.Any(byID, memory.TextIs(memory.Site, is, ""))
}

// numberTest compares numbers and times.
func (c condition) numberTest(at int) (memory.Test, error) {
	if c.operator == contains || c.operator == containsNot {
		return nil, &FieldError{Field: c.column.Name, Message: "is a number and contains no text; use = != < > in or notin"}
	}
	var numbers []float64
	for _, text := range c.values {
		value, err := c.column.number(text)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, value)
	}
	is := numberIs(c.operator, numbers)
	if c.column.hid {
		return memory.Always(is(0)), nil
	}
	return memory.NumberIs(at, is), nil
}

func numberIs(by operator, numbers []float64) func(float64) bool {
	switch by {
	case present:
		return func(n float64) bool { return n != 0 }
	case absent:
		return func(n float64) bool { return n == 0 }
	case differs, noneOf:
		return func(n float64) bool { return !slices.Contains(numbers, n) }
	case below:
		return func(n float64) bool { return n < numbers[0] }
	case above:
		return func(n float64) bool { return n > numbers[0] }
	default:
		return func(n float64) bool { return slices.Contains(numbers, n) }
	}
}
