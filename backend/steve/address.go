package steve

import (
	"net/url"
	"sync/atomic"

	"github.com/rancher/apiserver/pkg/types"
)

// addresses writes the addresses of a request's rows. A row of a machine has one for each of its actions, of which all
// begin alike: it is asked for each by itself, and would be put together as often.
type addresses struct {
	types.URLBuilder

	last atomic.Pointer[rowAddress]
}

// rowAddress is where a row is.
type rowAddress struct {
	schema *types.APISchema
	id     string
	text   string
}

// ResourceLink is where a row is.
func (a *addresses) ResourceLink(schema *types.APISchema, id string) string {
	if last := a.last.Load(); last != nil && last.schema == schema && last.id == id {
		return last.text
	}
	text := a.URLBuilder.ResourceLink(schema, id)
	a.last.Store(&rowAddress{schema: schema, id: id, text: text})
	return text
}

// Action is where an action of a row is.
func (a *addresses) Action(schema *types.APISchema, id, action string) string {
	return a.ResourceLink(schema, id) + "?action=" + url.QueryEscape(action)
}
