package serve

import (
	"encoding/json"
	"sync"

	"github.com/rancher/apiserver/pkg/subscribe"
	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/fleet/index"
)

// mostPressed is how many bytes of rows are kept as they were written, for others who are to be told the same.
const mostPressed = 8 << 20

// press writes rows as JSON, each once for all who see the same of it. A thousand changes a second reach two hundred pages;
// written for each page, most of the work would be done two hundred times.
type press struct {
	lock  sync.Mutex
	made  map[sameness]*sheet
	order []sameness
	size  int
}

// sameness is everything that the text of a row depends on. A field that is missing here shows somebody what is another's:
// what guards hide, the columns asked for, and the address at which the page reached the hub, which is in the links.
type sameness struct {
	kind     string
	key      index.Key
	revision int64
	removed  bool
	hidden   hiding
	wanted   string
	siteName string
	stale    bool
	heard    int64
	root     string
	links    bool
}

// sheet is a row as it was written, or is being written by the first who asked for it.
type sheet struct {
	text func() ([]byte, error)
	size int
}

// beside is about how many bytes a text takes beside those of the row.
const beside = 512

// row is the text of what somebody sees of a row, at the address by which he came. It belongs to everybody.
func (p *press) row(op *types.APIRequest, seen *picture) ([]byte, error) {
	s := seen.store
	same := sameness{
		kind: s.t.Name, key: seen.key, removed: seen.removed,
		root: op.URLBuilder.RelativeToRoot("/"), links: op.Request.Header.Get("X-API-Action-Links") != "",
	}
	if !seen.removed {
		same.revision, same.hidden, same.wanted = seen.revision, seen.hidden, seen.wanted.text
		same.siteName, same.stale, same.heard = seen.site.Name, seen.site.Stale(), seen.site.LastHeard.UnixMilli()
	}
	p.lock.Lock()
	made, ok := p.made[same]
	if !ok {
		made = &sheet{text: sync.OnceValues(func() ([]byte, error) { return s.write(op, seen) }), size: len(seen.document) + beside}
		p.keep(same, made)
	}
	p.lock.Unlock()
	return made.text()
}

// keep keeps a text, and forgets the oldest beyond what there is room for.
func (p *press) keep(same sameness, made *sheet) {
	if p.made == nil {
		p.made = map[sameness]*sheet{}
	}
	p.made[same] = made
	p.order = append(p.order, same)
	p.size += made.size
	for p.size > mostPressed && len(p.order) > 1 {
		p.size -= p.made[p.order[0]].size
		delete(p.made, p.order[0])
		p.order = p.order[1:]
	}
}

// write writes what somebody sees of a row, with what Steve says of it.
func (s *store) write(op *types.APIRequest, seen *picture) ([]byte, error) {
	object := types.APIObject{Type: s.t.Name, ID: seen.key.ID(), Object: json.RawMessage("{}")}
	if !seen.removed {
		object.Object = s.shown(s.without(seen.hidden, seen.document), seen.site)
		object = seen.wanted.narrow(object)
	}
	event := subscribe.MarshallObject(op, subscribe.DefaultGetter, types.APIEvent{Object: object})
	raw, ok := event.Data.(*types.RawResource)
	if event.Error != nil || !ok {
		return nil, event.Error
	}
	return appendRow(nil, raw)
}
