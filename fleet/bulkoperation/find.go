package bulkoperation

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/serve"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// refusal is why an operation cannot be done at all, in a sentence that names the field.
type refusal string

// Error is the sentence.
func (r refusal) Error() string { return string(r) }

// person is the creator of an operation in the words of package rights.
func person(who fleetv1.BulkCreator) rights.User {
	return rights.User{Name: who.Username, Groups: who.Groups}
}

// typeOf finds a type that has rows at sites, by its name.
func typeOf(types []*index.Type, name string) (*index.Type, error) {
	var names []string
	for _, t := range types {
		if t.Hidden || len(t.Sources) == 0 {
			continue
		}
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return nil, refusal(fmt.Sprintf("type %q is none whose objects have actions; there are %s.", name, strings.Join(names, ", ")))
}

// find finds the objects of an operation, within the rights of its creator.
func find(ctx context.Context, access *serve.Access, t *index.Type, spec fleetv1.BulkOperationSpec) ([]fleetv1.BulkItem, error) {
	who := person(spec.Creator)
	if len(spec.Selector.IDs) > 0 {
		return named(ctx, access, t, who, spec.Selector.IDs)
	}
	query, err := index.Parse(t, words(spec.Selector))
	var wrong *index.FieldError
	if errors.As(err, &wrong) {
		return nil, refusal("selector: " + wrong.Error())
	}
	if err != nil {
		return nil, err
	}
	sites := access.Visible(who)
	query.Scope = access.Scope(who, t, sites)
	for _, guard := range access.Hidden(who, t, sites, query.Scope) {
		query.Hide(guard)
	}
	page, err := access.Index.List(ctx, query)
	if errors.As(err, &wrong) {
		return nil, refusal("selector: " + wrong.Error())
	}
	if err != nil {
		return nil, err
	}
	if page.Count > fleetv1.MostBulkItems {
		return nil, refusal(fmt.Sprintf("selector: %d rows are meant, and one operation can be about %d at most; say it more narrowly, for example by site or namespace.", page.Count, fleetv1.MostBulkItems))
	}
	items := make([]fleetv1.BulkItem, 0, len(page.Entries))
	for _, entry := range page.Entries {
		items = append(items, fleetv1.BulkItem{ID: entry.Key.ID(), State: fleetv1.BulkItemPending})
	}
	return items, nil
}

// words are a selector as it would stand in the address of a list.
func words(selector fleetv1.BulkSelector) url.Values {
	values := url.Values{"pagesize": {fmt.Sprint(fleetv1.MostBulkItems)}, "sort": {"name"}}
	for _, filter := range selector.Filter {
		values.Add("filter", filter)
	}
	for name, text := range map[string]string{
		"search": selector.Search, "site": selector.Site, "projectsornamespaces": selector.ProjectsOrNamespaces,
	} {
		if text != "" {
			values.Set(name, text)
		}
	}
	return values
}

// named are the rows of ids. One that is not there is an item that is skipped, so that nobody misses it.
func named(ctx context.Context, access *serve.Access, t *index.Type, who rights.User, ids []string) ([]fleetv1.BulkItem, error) {
	items := make([]fleetv1.BulkItem, 0, len(ids))
	for _, id := range ids {
		item := fleetv1.BulkItem{ID: id, State: fleetv1.BulkItemPending}
		key, ok := keyOf(id)
		there := ok && access.Gets(who, t, key)
		if there {
			_, err := access.Index.Get(ctx, t, key)
			if err != nil && !errors.Is(err, index.ErrNotFound) {
				return nil, err
			}
			there = err == nil
		}
		if !there {
			item.State, item.Check = fleetv1.BulkItemSkipped, fleetv1.BulkCheckRefused
			item.Message = "There is no such " + t.Name + ", or none that you may see."
		}
		items = append(items, item)
	}
	return items, nil
}

// keyOf reads the id of an object at a site: site, namespace and name, or site and name.
func keyOf(id string) (index.Key, bool) {
	parts := strings.Split(id, "/")
	if slices.Contains(parts, "") {
		return index.Key{}, false
	}
	switch len(parts) {
	case 2:
		return index.Key{Site: parts[0], Name: parts[1]}, true
	case 3:
		return index.Key{Site: parts[0], Namespace: parts[1], Name: parts[2]}, true
	default:
		return index.Key{}, false
	}
}
