package serve

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// question is what the address of /v1/croft/access asks.
type question struct {
	user   string
	groups []string
	site   string
	deed   rights.Deed
}

// The bounds of a question.
const (
	longestWord = 253
	mostGroups  = 500
)

// words are the parameters of a question; group may stand any number of times.
var words = []string{"user", "verb", "resource", "subresource", "apiGroup", "site", "namespace", "name"}

// parseQuestion reads a question. Errors are *index.FieldError.
func parseQuestion(values url.Values, types []*index.Type) (question, error) {
	if err := checkWords(values); err != nil {
		return question{}, err
	}
	q := question{user: values.Get("user"), groups: values["group"], site: values.Get("site")}
	q.deed = rights.Deed{Verb: values.Get("verb"), Namespace: values.Get("namespace"), Name: values.Get("name")}
	for _, needed := range []string{"verb", "resource", "site"} {
		if values.Get(needed) == "" {
			return question{}, &index.FieldError{Field: needed, Message: "is missing"}
		}
	}
	if err := q.setResource(values, types); err != nil {
		return question{}, err
	}
	return q, nil
}

func checkWords(values url.Values) error {
	for _, word := range words {
		given := values[word]
		if len(given) > 1 {
			return &index.FieldError{Field: word, Message: "is given more than once"}
		}
		if err := checkWord(word, values.Get(word)); err != nil {
			return err
		}
	}
	if len(values["group"]) > mostGroups {
		return &index.FieldError{Field: "group", Message: fmt.Sprintf("is given more than %d times", mostGroups)}
	}
	for _, group := range values["group"] {
		if group == "" {
			return &index.FieldError{Field: "group", Message: "is empty"}
		}
		if err := checkWord("group", group); err != nil {
			return err
		}
	}
	return nil
}

func checkWord(field, value string) error {
	if len(value) > longestWord {
		return &index.FieldError{Field: field, Message: fmt.Sprintf("is longer than %d bytes", longestWord)}
	}
	if strings.ContainsFunc(value, func(char rune) bool { return char < ' ' || char == 0x7f }) {
		return &index.FieldError{Field: field, Message: "holds a character that no name has"}
	}
	return nil
}

// setResource reads the resource. It may be written as people do: virtualmachines.kubevirt.io/status. Without a group, a
// resource that the hub follows is that one, and any other is the core's.
func (q *question) setResource(values url.Values, types []*index.Type) error {
	text, subresource, divided := strings.Cut(values.Get("resource"), "/")
	resource, group, dotted := strings.Cut(text, ".")
	if resource == "" || divided && subresource == "" || strings.Contains(subresource, "/") {
		return &index.FieldError{Field: "resource", Message: "is not such as virtualmachines.kubevirt.io or pods/log"}
	}
	if resource != strings.ToLower(resource) {
		return &index.FieldError{Field: "resource", Message: "is in lower case and in the plural, such as virtualmachines"}
	}
	if given := values.Get("subresource"); given != "" {
		if divided && given != subresource {
			return &index.FieldError{Field: "subresource", Message: "is not the one that resource names"}
		}
		subresource = given
	}
	given, said := values["apiGroup"]
	switch {
	case dotted && said && given[0] != group:
		return &index.FieldError{Field: "apiGroup", Message: "is not the one that resource names"}
	case said:
		group = given[0]
	case !dotted:
		group = groupOf(resource, types)
	}
	q.deed.Group, q.deed.Resource, q.deed.Subresource = group, resource, subresource
	return nil
}

// groupOf is the API group of a resource that the hub follows, if there is one such.
func groupOf(resource string, types []*index.Type) string {
	var groups []string
	for _, t := range types {
		for _, source := range t.Sources {
			if source.Resource.Resource == resource && !slices.Contains(groups, source.Resource.Group) {
				groups = append(groups, source.Resource.Group)
			}
		}
	}
	if len(groups) == 1 {
		return groups[0]
	}
	return ""
}
