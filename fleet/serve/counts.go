package serve

import (
	"net/http"
	"strconv"

	"github.com/rancher/apiserver/pkg/store/empty"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/schemas"

	"crofthci.io/croft/fleet/index"
)

// countID is the id of the one object of type count, as in Steve.
const countID = "count"

// countsType is its type.
const countsType = "count"

// Summary is how many rows there are, in all and by state.
type Summary struct {
	// Count is all of them.
	Count int `json:"count"`
	// States are the numbers by state.
	States map[string]int `json:"states"`
}

// Count is how many rows of one type a user may see.
type Count struct {
	// Summary is over all sites.
	Summary Summary `json:"summary"`
	// Sites are the numbers by the id of the site.
	Sites map[string]*Summary `json:"sites"`
	// Namespaces are the numbers by namespace, over all sites.
	Namespaces map[string]*Summary `json:"namespaces"`
}

// counter counts the rows that a user may see.
type counter struct {
	empty.Store
	access *Access
}

func countSchema(access *Access) types.APISchema {
	return types.APISchema{
		Schema: &schemas.Schema{
			ID: countsType, PluralName: "counts", Description: "How many rows there are, by type, state, site and namespace.",
			CollectionMethods: []string{http.MethodGet}, ResourceMethods: []string{http.MethodGet},
			ResourceFields: map[string]schemas.Field{"counts": {Type: "json", Description: "By type: summary, sites and namespaces, each with count and states."}},
		},
		Store: &counter{access: access},
	}
}

// List counts every type.
func (c *counter) List(op *types.APIRequest, _ *types.APISchema) (types.APIObjectList, error) {
	object, err := c.ByID(op, nil, countID)
	if err != nil {
		return types.APIObjectList{}, err
	}
	return types.APIObjectList{Revision: strconv.FormatInt(c.access.Index.Revision(), 10), Count: 1, Objects: []types.APIObject{object}}, nil
}

// ByID counts every type.
func (c *counter) ByID(op *types.APIRequest, _ *types.APISchema, _ string) (types.APIObject, error) {
	who := caller(op)
	sites := c.access.Visible(who)
	fresh := freshnessOf(op.Context())
	fresh.say(freshness{sites: sites, count: 1, pages: 1})
	counts := map[string]Count{}
	for _, t := range c.access.Index.Types() {
		if t.Hidden {
			continue
		}
		query := index.Query{Type: t, Scope: c.access.Scope(who, t, sites)}
		tallies, err := c.access.Index.Count(op.Context(), query, []string{"site", "namespace", "state"}, nil)
		if err != nil {
			return types.APIObject{}, asAPIError(err)
		}
		counts[t.Name] = Add(tallies)
	}
	return types.APIObject{Type: countsType, ID: countID, Object: map[string]any{"counts": counts}}, nil
}

// Add adds up tallies of site, namespace and state.
func Add(tallies []index.Tally) Count {
	count := Count{Summary: Summary{States: map[string]int{}}, Sites: map[string]*Summary{}, Namespaces: map[string]*Summary{}}
	for _, tally := range tallies {
		count.Summary.add(tally.Values[2], tally.Count)
		summaryOf(count.Sites, tally.Values[0]).add(tally.Values[2], tally.Count)
		if tally.Values[1] != "" {
			summaryOf(count.Namespaces, tally.Values[1]).add(tally.Values[2], tally.Count)
		}
	}
	return count
}

func summaryOf(all map[string]*Summary, name string) *Summary {
	if all[name] == nil {
		all[name] = &Summary{States: map[string]int{}}
	}
	return all[name]
}

func (s *Summary) add(state string, count int) {
	s.Count += count
	s.States[state] += count
}
