package serve

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"crofthci.io/croft/fleet/index"
)

// Subscribe is what a client sends over the websocket: Steve's fields, then Croft's.
type Subscribe struct {
	// Mode is empty for the rows themselves, or resource.changes for a notice to list again.
	Mode string `json:"mode,omitempty"`
	// Stop ends the subscription of the same fields.
	Stop bool `json:"stop,omitempty"`
	// ResourceType is the type, such as virtualmachine.
	ResourceType string `json:"resourceType,omitempty"`
	// ResourceVersion goes on from the revision of a list. A cursor does that better.
	ResourceVersion string `json:"resourceVersion,omitempty"`
	// Namespace is the one namespace of which is told, of any site.
	Namespace string `json:"namespace,omitempty"`
	// ID is the one row of which is told.
	ID string `json:"id,omitempty"`
	// Selector is a label selector, as kubectl's.
	Selector string `json:"selector,omitempty"`
	// DebounceMs is the least time between notices in milliseconds; 0 means 5,000.
	DebounceMs int `json:"debounceMs,omitempty"`

	// Filter, Search, Site, ProjectsOrNamespaces and its opposite are as in lists. Only of rows in such a list is told; one
	// that leaves it is told as removed.
	Filter                    []string `json:"filter,omitempty"`
	Search                    string   `json:"search,omitempty"`
	Site                      string   `json:"site,omitempty"`
	ProjectsOrNamespaces      string   `json:"projectsornamespaces,omitempty"`
	OtherProjectsOrNamespaces string   `json:"projectsornamespaces!,omitempty"`
	// Include and Exclude say which fields of rows are told, as in lists.
	Include []string `json:"include,omitempty"`
	Exclude []string `json:"exclude,omitempty"`
	// Cursor is that of a list of the same query, or the last that came over a websocket. An empty one asks for cursors
	// and begins now; none at all does without.
	Cursor *string `json:"cursor,omitempty"`
}

// key is what two subscriptions of one connection differ in.
func (s *Subscribe) key() string {
	asked := s.values()
	asked["_include"], asked["_exclude"] = s.Include, s.Exclude
	for name, value := range map[string]string{"type": s.ResourceType, "namespace": s.Namespace, "id": s.ID, "selector": s.Selector, "mode": s.Mode} {
		asked.Set("_"+name, value)
	}
	return asked.Encode()
}

// values is the query as it stands in the address of a list.
func (s *Subscribe) values() url.Values {
	asked := url.Values{}
	for _, filter := range s.Filter {
		asked.Add("filter", filter)
	}
	for name, value := range map[string]string{
		"search": s.Search, "site": s.Site,
		"projectsornamespaces": s.ProjectsOrNamespaces, "projectsornamespaces!": s.OtherProjectsOrNamespaces,
	} {
		if value != "" {
			asked.Set(name, value)
		}
	}
	return asked
}

// query is that with the label selector as filters.
func (s *Subscribe) query() (url.Values, error) {
	asked := s.values()
	selector, err := labels.Parse(s.Selector)
	if err != nil {
		return nil, &index.FieldError{Field: "selector", Message: "is no label selector: " + index.Long(err.Error())}
	}
	requirements, _ := selector.Requirements()
	for _, requirement := range requirements {
		filter, err := filterOf(requirement)
		if err != nil {
			return nil, err
		}
		asked.Add("filter", filter)
	}
	return asked, nil
}

// filterOf is a part of a label selector as a filter.
func filterOf(requirement labels.Requirement) (string, error) {
	field := "metadata.labels[" + requirement.Key() + "]"
	values := requirement.Values().UnsortedList()
	slices.Sort(values)
	quoted := `("` + strings.Join(values, `","`) + `")`
	switch requirement.Operator() {
	case selection.Exists:
		return field, nil
	case selection.DoesNotExist:
		return "!" + field, nil
	case selection.Equals, selection.DoubleEquals, selection.In:
		return field + " in " + quoted, nil
	case selection.NotEquals, selection.NotIn:
		return field + " notin " + quoted, nil
	default:
		return "", &index.FieldError{Field: "selector", Message: "compares by " + string(requirement.Operator()) + ", which labels are not"}
	}
}

// cursor is where the subscription goes on from, if it does.
func (s *Subscribe) cursor() (cursor Cursor, given bool, err error) {
	text := s.ResourceVersion
	if s.Cursor != nil && *s.Cursor != "" {
		text = *s.Cursor
	}
	if text == "" {
		return Cursor{}, false, nil
	}
	cursor, err = ParseCursor(text)
	return cursor, true, err
}

// about is the subscription's fields as they stand in a message, by which the client knows which one it is about.
func (s *Subscribe) about() string {
	text, err := json.Marshal(of(*s, message{}).APIEvent)
	if err != nil || len(text) <= len("{}") {
		return ""
	}
	return "," + string(text[1:len(text)-1])
}
