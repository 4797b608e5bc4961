package index

import (
	"fmt"
	"strings"
)

// FieldError says which field of a query is at fault and why.
type FieldError struct {
	// Field is the field's name as the caller wrote it.
	Field string
	// Message is a sentence.
	Message string
}

// Error is the field and the sentence.
func (e *FieldError) Error() string {
	return e.Field + ": " + e.Message
}

// operator is how a condition compares.
type operator string

const (
	equals      operator = "="
	differs     operator = "!="
	contains    operator = "~"
	containsNot operator = "!~"
	oneOf       operator = "in"
	noneOf      operator = "notin"
	below       operator = "<"
	above       operator = ">"
	present     operator = "exists"
	absent      operator = "!"
)

// condition is one comparison of a filter.
type condition struct {
	column Column
	// label is the key of a label, for filters on metadata.labels; column is then empty.
	label    string
	operator operator
	values   []string
}

// parseFilter reads one filter parameter: conditions with commas between them, one of which must hold. The dialect is
// Steve's: = == != ~ !~ < > in (a,b) notin (a,b), a name alone for "has one" and !name for "has none"; values may stand
// in quotes.
func parseFilter(t *Type, text string) ([]condition, error) {
	var conditions []condition
	rest := text
	for {
		var c condition
		var err error
		c, rest, err = parseCondition(t, rest)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
		rest = strings.TrimLeft(rest, " ")
		if rest == "" {
			return conditions, nil
		}
		if rest[0] != ',' {
			return nil, &FieldError{Field: "filter", Message: fmt.Sprintf("expected a comma before %q", rest)}
		}
		rest = rest[1:]
	}
}

// parseCondition reads one condition and returns what comes after it.
func parseCondition(t *Type, text string) (condition, string, error) {
	text = strings.TrimLeft(text, " ")
	negated := strings.HasPrefix(text, "!")
	if negated {
		text = strings.TrimLeft(text[1:], " ")
	}
	field, rest := parseField(text)
	if field == "" {
		return condition{}, "", &FieldError{Field: "filter", Message: "a condition must begin with the name of a field"}
	}
	c, err := conditionOn(t, field)
	if err != nil {
		return condition{}, "", err
	}
	if negated {
		c.operator = absent
		return c, rest, nil
	}
	c.operator, rest = parseOperator(rest)
	switch c.operator {
	case present:
		return c, rest, nil
	case oneOf, noneOf:
		c.values, rest, err = parseList(field, rest)
	default:
		var value string
		value, rest, err = parseValue(field, rest, ",")
		c.values = []string{value}
	}
	return c, rest, err
}

// parseField reads a name up to an operator. A label's key stands in brackets and may hold anything but those.
func parseField(text string) (string, string) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '[':
			end := strings.IndexByte(text[i:], ']')
			if end < 0 {
				return text, ""
			}
			i += end
		case '=', '!', '~', '<', '>', ',', ' ':
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// conditionOn finds what a field means.
func conditionOn(t *Type, field string) (condition, error) {
	if key, ok := labelKey(field); ok {
		if key == "" || strings.ContainsAny(key, "\"\\") {
			return condition{}, &FieldError{Field: field, Message: "is no label"}
		}
		return condition{label: key}, nil
	}
	column, ok := t.column(field)
	if !ok {
		return condition{}, unknownField(t, field)
	}
	return condition{column: column}, nil
}

// labelKey is the key of a field such as metadata.labels[app] or metadata.labels.app.
func labelKey(field string) (string, bool) {
	rest, ok := strings.CutPrefix(field, "metadata.labels")
	switch {
	case !ok || rest == "":
		return "", false
	case rest[0] == '[' && strings.HasSuffix(rest, "]"):
		return rest[1 : len(rest)-1], true
	case rest[0] == '.':
		return rest[1:], true
	default:
		return "", false
	}
}

// unknownField says what fields there are.
func unknownField(t *Type, field string) error {
	var names []string
	for _, column := range t.AllColumns() {
		names = append(names, column.Name)
	}
	return &FieldError{Field: field, Message: fmt.Sprintf("is not indexed for %s; indexed are %s and metadata.labels[…]", t.Plural, strings.Join(names, ", "))}
}

// parseOperator reads an operator; none at all asks whether the field has a value.
func parseOperator(text string) (operator, string) {
	trimmed := strings.TrimLeft(text, " ")
	for _, symbol := range []struct {
		text     string
		operator operator
	}{{"!=", differs}, {"!~", containsNot}, {"==", equals}, {"=", equals}, {"~", contains}, {"<", below}, {">", above}} {
		if rest, ok := strings.CutPrefix(trimmed, symbol.text); ok {
			return symbol.operator, rest
		}
	}
	word, rest, _ := strings.Cut(trimmed, "(")
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "in":
		return oneOf, "(" + rest
	case "notin", "not in":
		return noneOf, "(" + rest
	default:
		return present, text
	}
}

// parseList reads values in parentheses.
func parseList(field, text string) ([]string, string, error) {
	rest, ok := strings.CutPrefix(text, "(")
	if !ok {
		return nil, "", &FieldError{Field: field, Message: "expected values in parentheses"}
	}
	var values []string
	for {
		value, after, err := parseValue(field, rest, ",)")
		if err != nil {
			return nil, "", err
		}
		values = append(values, value)
		if after == "" {
			return nil, "", &FieldError{Field: field, Message: "the list of values has no closing parenthesis"}
		}
		if after[0] == ')' {
			return values, after[1:], nil
		}
		rest = after[1:]
	}
}

// parseValue reads a value, in quotes or up to one of the ends.
func parseValue(field, text, ends string) (string, string, error) {
	trimmed := strings.TrimLeft(text, " ")
	if trimmed != "" && (trimmed[0] == '"' || trimmed[0] == '\'') {
		return parseQuoted(field, trimmed)
	}
	end := strings.IndexAny(text, ends)
	if end < 0 {
		return strings.TrimSpace(text), "", nil
	}
	return strings.TrimSpace(text[:end]), text[end:], nil
}

// parseQuoted reads a value in quotes, in which a backslash takes the next character as it is.
func parseQuoted(field, text string) (string, string, error) {
	quote := text[0]
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return b.String(), strings.TrimLeft(text[i+1:], " "), nil
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(text[i])
		}
	}
	return "", "", &FieldError{Field: field, Message: "the value's quote is not closed"}
}
