package index

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// clause is a piece of SQL with the values that are bound to it. What a caller sends is only ever among the values; the
// text is made of names from the code.
type clause struct {
	text   string
	values []any
}

// way is how the rows of a query are looked for.
type way struct {
	// ordered says that they are walked through in their order: without that SQLite goes to the sites by their key and
	// sorts all of their rows for one page.
	ordered bool
	// narrowest is the filter whose few rows are gone to one by one, or everyRow.
	narrowest int
}

// where is the condition of a query, without the place where it goes on. How a row is looked for is the planner's choice,
// unless the way says otherwise. A plus before a condition keeps SQLite from using an index for it.
func (q *Query) where(by way) (clause, error) {
	c, err := q.conditions(by)
	if err != nil || by.narrowest == everyRow {
		return c, err
	}
	picked := pickedBy(q.filters[by.narrowest])
	return clause{"id IN (" + picked.text + ") AND +(" + c.text + ")", append(picked.values, c.values...)}, nil
}

func (q *Query) conditions(by way) (clause, error) {
	clauses := []clause{q.Scope.clause(by.ordered)}
	for i, alternatives := range q.filters {
		if i == by.narrowest {
			continue
		}
		c, err := anyOf(alternatives)
		if err != nil {
			return clause{}, err
		}
		clauses = append(clauses, c)
	}
	if q.search != "" {
		clauses = append(clauses, q.searchClause())
	}
	if len(q.sites) > 0 {
		text := asJSON(q.sites)
		clauses = append(clauses, clause{"(site IN (SELECT value FROM json_each(?)) OR site_name IN (SELECT value FROM json_each(?)))", []any{text, text}})
	}
	if len(q.projects) > 0 {
		clauses = append(clauses, projectClause("", q.projects))
	}
	if len(q.without) > 0 {
		clauses = append(clauses, projectClause("NOT ", q.without))
	}
	return join(clauses, " AND "), nil
}

// clause is the scope in SQL. Lists are bound as JSON, so that thousands of namespaces are one value; SQLite puts each
// into a tree of its own once for the whole query.
//
// A plus before a column keeps SQLite from using an index for it.
func (s Scope) clause(ordered bool) clause {
	var clauses []clause
	site := "site"
	if ordered {
		site = "+site"
	}
	if len(s.Sites) > 0 {
		clauses = append(clauses, clause{site + " IN (SELECT value FROM json_each(?))", []any{asJSON(s.Sites)}})
	}
	if len(s.Namespaces) > 0 {
		clauses = append(clauses, clause{"(site, namespace) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))", []any{asJSON(s.Namespaces)}})
	}
	if len(s.Names) > 0 {
		clauses = append(clauses, clause{"(site, namespace, name) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?))", []any{asJSON(s.Names)}})
	}
	if len(s.Anywhere) > 0 {
		clauses = append(clauses, clause{"(site, name) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))", []any{asJSON(s.Anywhere)}})
	}
	if len(clauses) == 0 {
		return clause{text: "0"}
	}
	c := join(clauses, " OR ")
	return clause{"(" + c.text + ")", c.values}
}

// searchClause looks for free text in the columns that are searched.
func (q *Query) searchClause() clause {
	var clauses []clause
	for _, column := range q.Type.AllColumns() {
		if column.Searched && !slices.Contains(q.unsearched, column.Name) {
			clauses = append(clauses, clause{column.expression() + ` LIKE ? ESCAPE '\'`, []any{pattern(q.search)}})
		}
	}
	c := join(clauses, " OR ")
	return clause{"(" + c.text + ")", c.values}
}

// projectClause keeps namespaces by name or by Rancher project. A project is named as Rancher does, by its own name or
// by cluster and name.
func projectClause(not string, names []string) clause {
	text := asJSON(names)
	return clause{
		not + `(namespace IN (SELECT value FROM json_each(?))
			OR (site, namespace) IN (SELECT site, name FROM "row_namespace" WHERE project <> ''
				AND (project IN (SELECT value FROM json_each(?)) OR site || ':' || project IN (SELECT value FROM json_each(?)))))`,
		[]any{text, text, text},
	}
}

func anyOf(conditions []condition) (clause, error) {
	clauses := make([]clause, 0, len(conditions))
	for _, condition := range conditions {
		c, err := condition.clause()
		if err != nil {
			return clause{}, err
		}
		clauses = append(clauses, c)
	}
	c := join(clauses, " OR ")
	return clause{"(" + c.text + ")", c.values}, nil
}

// clause is one condition in SQL.
func (c condition) clause() (clause, error) {
	if c.label != "" {
		return c.labelClause(), nil
	}
	switch c.column.Kind {
	case Number, Time:
		return c.numberClause()
	case Addresses, Words:
		return c.listClause(), nil
	default:
		return c.textClause(c.column.expression(), nil), nil
	}
}

// textClause compares text. The expression may have bound values of its own.
func (c condition) textClause(expression string, own []any) clause {
	bind := func(text string, values ...any) clause {
		return clause{text, append(append([]any{}, own...), values...)}
	}
	site := c.column.Name == "site"
	switch c.operator {
	case differs:
		if site {
			return clause{"(site <> ? AND site_name <> ?)", []any{c.values[0], c.values[0]}}
		}
		return bind(expression+" <> ?", c.values[0])
	case contains:
		if site {
			return clause{`(site LIKE ? ESCAPE '\' OR site_name LIKE ? ESCAPE '\')`, []any{pattern(c.values[0]), pattern(c.values[0])}}
		}
		return bind(expression+` LIKE ? ESCAPE '\'`, pattern(c.values[0]))
	case containsNot:
		if site {
			return clause{`(site NOT LIKE ? ESCAPE '\' AND site_name NOT LIKE ? ESCAPE '\')`, []any{pattern(c.values[0]), pattern(c.values[0])}}
		}
		return bind(expression+` NOT LIKE ? ESCAPE '\'`, pattern(c.values[0]))
	case oneOf:
		if site {
			return clause{"(site IN (SELECT value FROM json_each(?)) OR site_name IN (SELECT value FROM json_each(?)))", []any{asJSON(c.values), asJSON(c.values)}}
		}
		return bind(expression+" IN (SELECT value FROM json_each(?))", asJSON(c.values))
	case noneOf:
		if site {
			return clause{"(site NOT IN (SELECT value FROM json_each(?)) AND site_name NOT IN (SELECT value FROM json_each(?)))", []any{asJSON(c.values), asJSON(c.values)}}
		}
		return bind(expression+" NOT IN (SELECT value FROM json_each(?))", asJSON(c.values))
	case below:
		return bind(expression+" < ?", c.values[0])
	case above:
		return bind(expression+" > ?", c.values[0])
	case present:
		return bind(expression + " <> ''")
	case absent:
		return bind(expression + " = ''")
	default:
		if site {
			return clause{"(site = ? OR site_name = ?)", []any{c.values[0], c.values[0]}}
		}
		return bind(expression+" = ?", c.values[0])
	}
}

// numberClause compares numbers and times.
func (c condition) numberClause() (clause, error) {
	expression := c.column.expression()
	switch c.operator {
	case present:
		return clause{text: expression + " <> 0"}, nil
	case absent:
		return clause{text: expression + " = 0"}, nil
	case contains, containsNot:
		return clause{}, &FieldError{Field: c.column.Name, Message: "is a number and contains no text; use = != < > in or notin"}
	}
	numbers := make([]any, 0, len(c.values))
	for _, text := range c.values {
		value, err := c.column.number(text)
		if err != nil {
			return clause{}, err
		}
		numbers = append(numbers, value)
	}
	switch c.operator {
	case oneOf:
		return clause{expression + " IN (SELECT value FROM json_each(?))", []any{asJSON(numbers)}}, nil
	case noneOf:
		return clause{expression + " NOT IN (SELECT value FROM json_each(?))", []any{asJSON(numbers)}}, nil
	case differs:
		return clause{expression + " <> ?", numbers}, nil
	default:
		return clause{expression + " " + string(c.operator) + " ?", numbers}, nil
	}
}

// number reads a value of a number column.
func (c Column) number(text string) (any, error) {
	if c.Kind == Time {
		if moment, err := time.Parse(time.RFC3339, text); err == nil {
			return moment.Unix(), nil
		}
		return nil, &FieldError{Field: c.Name, Message: fmt.Sprintf("%q is not a time such as 2026-01-31T12:00:00Z", text)}
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value != value || value > 1e300 || value < -1e300 {
		return nil, &FieldError{Field: c.Name, Message: fmt.Sprintf("%q is not a number", text)}
	}
	return value, nil
}

// listClause compares with each address or word of a row.
func (c condition) listClause() clause {
	expression := c.column.expression()
	whole := "' ' || " + expression + " || ' '"
	switch c.operator {
	case equals:
		return clause{whole + ` LIKE ? ESCAPE '\'`, []any{"% " + escape(c.values[0]) + " %"}}
	case differs:
		return clause{whole + ` NOT LIKE ? ESCAPE '\'`, []any{"% " + escape(c.values[0]) + " %"}}
	case oneOf, noneOf:
		not := ""
		if c.operator == noneOf {
			not = "NOT "
		}
		return clause{not + "EXISTS (SELECT 1 FROM json_each(?) WHERE instr(" + whole + ", ' ' || value || ' ') > 0)", []any{asJSON(c.values)}}
	default:
		return c.textClause(expression, nil)
	}
}

// behind is the place from which a page goes on, and how the page is sorted.
func (q *Query) behind() (clause, string) {
	var order []string
	var keys []sortKey
	keys = append(keys, q.sort...)
	for _, key := range keys {
		order = append(order, key.column.ordering()+direction(key.descending))
	}
	last := keys[len(keys)-1].descending
	sorting := " ORDER BY " + strings.Join(order, ", ") + ", id" + direction(last)
	if q.after == nil {
		return clause{}, sorting
	}
	return q.goOn(last), sorting
}

// goOn is "after the last row" in SQL. Where all keys have one direction it is a comparison of rows, which an index
// answers; where not, it is spelled out.
func (q *Query) goOn(last bool) clause {
	expressions, descending := make([]string, 0, len(q.sort)+1), make([]bool, 0, len(q.sort)+1)
	uniform := true
	for _, key := range q.sort {
		expressions, descending = append(expressions, key.column.ordering()), append(descending, key.descending)
		uniform = uniform && key.descending == last
	}
	expressions, descending = append(expressions, "id"), append(descending, last)
	values := append(append([]any{}, q.after.Values...), q.after.ID)
	if uniform {
		return clause{"(" + strings.Join(expressions, ", ") + ")" + comparison(last) + "(?" + strings.Repeat(", ?", len(values)-1) + ")", values}
	}
	var options []clause
	for i := range expressions {
		var steps []clause
		for j := range i {
			steps = append(steps, clause{expressions[j] + " = ?", []any{values[j]}})
		}
		steps = append(steps, clause{expressions[i] + comparison(descending[i]) + "?", []any{values[i]}})
		option := join(steps, " AND ")
		options = append(options, clause{"(" + option.text + ")", option.values})
	}
	c := join(options, " OR ")
	return clause{"(" + c.text + ")", c.values}
}

func direction(descending bool) string {
	if descending {
		return " DESC"
	}
	return ""
}

func comparison(descending bool) string {
	if descending {
		return " < "
	}
	return " > "
}

func join(clauses []clause, between string) clause {
	var all clause
	texts := make([]string, 0, len(clauses))
	for _, c := range clauses {
		if c.text == "" {
			continue
		}
		texts = append(texts, c.text)
		all.values = append(all.values, c.values...)
	}
	all.text = strings.Join(texts, between)
	return all
}

// pattern is text anywhere in a value.
func pattern(text string) string {
	return "%" + escape(text) + "%"
}

// escape takes their meaning from the characters that LIKE gives one.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// asJSON writes a list as one bound value. Lists of strings and numbers can always be written.
func asJSON(list any) string {
	text, err := json.Marshal(list)
	if err != nil {
		return "[]"
	}
	return string(text)
}
