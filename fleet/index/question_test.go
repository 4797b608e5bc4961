package index_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// within says whether text contains another, whatever the case of its letters. Letters beyond ASCII have one case each.
func within(text, part string) bool {
	return strings.Contains(lower(text), lower(part))
}

// lower is text as SQLite compares it.
func lower(text string) string {
	return strings.Map(func(char rune) rune {
		if char >= 'A' && char <= 'Z' {
			return char + ('a' - 'A')
		}
		return char
	}, text)
}

// filter adds one filter: one condition or one of two.
func (h *history) filter(q *question) {
	var texts []string
	var ways []func(modelRow) bool
	for range 1 + h.random.IntN(2) {
		text, holds := h.condition()
		texts, ways = append(texts, text), append(ways, holds)
	}
	q.values.Add("filter", strings.Join(texts, ","))
	q.means = append(q.means, func(r modelRow) bool {
		return slices.ContainsFunc(ways, func(holds func(modelRow) bool) bool { return holds(r) })
	})
}

// condition is one condition, as it is written and as it is meant.
func (h *history) condition() (string, func(modelRow) bool) {
	switch h.random.IntN(4) {
	case 0:
		return h.numberCondition()
	case 1:
		return h.labelCondition()
	case 2:
		return h.wordCondition()
	default:
		return h.textCondition()
	}
}

func (h *history) numberCondition() (string, func(modelRow) bool) {
	a, b := pick(h, 0, 1, 2, 2.5), pick(h, 0, 16.0)
	cpu := func(r modelRow) float64 { return r.parts.CPU }
	one := func(holds func(float64) bool) func(modelRow) bool {
		return func(r modelRow) bool { return holds(cpu(r)) }
	}
	switch h.random.IntN(8) {
	case 0:
		return fmt.Sprintf("cpu=%v", a), one(func(v float64) bool { return v == a })
	case 1:
		return fmt.Sprintf("cpu != %v", a), one(func(v float64) bool { return v != a })
	case 2:
		return fmt.Sprintf("cpu<%v", a), one(func(v float64) bool { return v < a })
	case 3:
		return fmt.Sprintf("cpu > %v", a), one(func(v float64) bool { return v > a })
	case 4:
		return fmt.Sprintf("cpu in (%v,%v)", a, b), one(func(v float64) bool { return v == a || v == b })
	case 5:
		return fmt.Sprintf("cpu notin (%v, %v)", a, b), one(func(v float64) bool { return v != a && v != b })
	case 6:
		return "!cpu", one(func(v float64) bool { return v == 0 })
	default:
		return "due>2027-01-15T08:00:00Z", func(r modelRow) bool { return r.parts.Due > 1_800_000_000 }
	}
}

// labelCondition is on a label. Words of labels are exact, as in Kubernetes.
func (h *history) labelCondition() (string, func(modelRow) bool) {
	key, word := pick(h, "app", "x.io/tier"), pick(h, "web", "db")
	field := "metadata.labels[" + key + "]"
	one := func(holds func(word string, ok bool) bool) func(modelRow) bool {
		return func(r modelRow) bool {
			word, ok := r.parts.Labels[key]
			return holds(word, ok)
		}
	}
	switch h.random.IntN(8) {
	case 0:
		return field + "=" + word, one(func(w string, ok bool) bool { return ok && w == word })
	case 1:
		return field + "!=" + word, one(func(w string, ok bool) bool { return !ok || w != word })
	case 2:
		return field + "~" + word[:1], one(func(w string, ok bool) bool { return ok && within(w, word[:1]) })
	case 3:
		return field + "!~" + word[:1], one(func(w string, ok bool) bool { return !ok || !within(w, word[:1]) })
	case 4:
		return field + " in (" + word + ",none)", one(func(w string, ok bool) bool { return ok && (w == word || w == "none") })
	case 5:
		return field + " notin (" + word + ",none)", one(func(w string, ok bool) bool { return !ok || w != word && w != "none" })
	case 6:
		return field, one(func(_ string, ok bool) bool { return ok })
	default:
		return "!" + field, one(func(_ string, ok bool) bool { return !ok })
	}
}

// wordCondition is on a list, of which each member is compared by itself.
func (h *history) wordCondition() (string, func(modelRow) bool) {
	column, word := "tags", pick(h, itemTags...)
	if h.random.IntN(2) == 0 {
		column, word = "addresses", pick(h, itemAddresses...)
	}
	has := func(r modelRow, word string) bool {
		words := r.parts.Tags
		if column == "addresses" {
			words = r.parts.Addresses
		}
		return slices.ContainsFunc(words, func(each string) bool { return lower(each) == lower(word) })
	}
	odd := pick(h, word, strings.ToUpper(word))
	switch h.random.IntN(6) {
	case 0:
		return column + "=" + strconv.Quote(odd), func(r modelRow) bool { return has(r, word) }
	case 1:
		return column + "!=" + strconv.Quote(odd), func(r modelRow) bool { return !has(r, word) }
	case 2:
		return column + " in (" + strconv.Quote(odd) + ",x)", func(r modelRow) bool { return has(r, word) }
	case 3:
		return column + " notin (" + strconv.Quote(odd) + ")", func(r modelRow) bool { return !has(r, word) }
	case 4:
		return column, func(r modelRow) bool { return h.model.text(r, column) != "" }
	default:
		part := word[1:4]
		return column + "~" + part, func(r modelRow) bool { return within(h.model.text(r, column), part) }
	}
}

func (h *history) textCondition() (string, func(modelRow) bool) {
	column := pick(h, "state", "namespace", "name")
	value := map[string]string{"state": pick(h, itemStates[1:]...), "namespace": pick(h, itemNamespaces...), "name": fmt.Sprintf("m%02d", h.random.IntN(25))}[column]
	odd := value
	if column == "state" {
		odd = pick(h, value, strings.ToLower(value[:1])+value[1:])
		if value[0] > '~' {
			odd = value
		}
	}
	quoted := `"` + strings.ReplaceAll(odd, `"`, `\"`) + `"`
	one := func(holds func(text string) bool) func(modelRow) bool {
		return func(r modelRow) bool { return holds(lower(h.model.text(r, column))) }
	}
	value = lower(value)
	switch h.random.IntN(8) {
	case 0:
		return column + "=" + quoted, one(func(text string) bool { return text == value })
	case 1:
		return column + "!=" + quoted, one(func(text string) bool { return text != value })
	case 2:
		return column + "~" + quoted, one(func(text string) bool { return within(text, value) })
	case 3:
		return column + "!~" + quoted, one(func(text string) bool { return !within(text, value) })
	case 4:
		return column + " in (" + quoted + ",none)", one(func(text string) bool { return text == value || text == "none" })
	case 5:
		return column + " notin (" + quoted + ",none)", one(func(text string) bool { return text != value && text != "none" })
	case 6:
		return column + "<" + quoted, one(func(text string) bool { return text < value })
	default:
		return "!" + column, one(func(text string) bool { return text == "" })
	}
}
