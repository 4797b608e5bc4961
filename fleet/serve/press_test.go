package serve

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rancher/apiserver/pkg/server"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/apiserver/pkg/urlbuilder"
	rbacv1 "k8s.io/api/rbac/v1"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/virtualmachine"
)

// TestTexts holds that a row is written once for all who see the same of it, and never shared by those who do not.
func TestTexts(t *testing.T) {
	h := newHall(t)
	machines := newStore(h.access, virtualmachine.Type)
	seen := func(change func(*picture)) *picture {
		p := &picture{
			store: machines, key: index.Key{Site: near, Namespace: "one", Name: "web"}, revision: 7, wanted: &fields{},
			site:     index.Site{ID: near, Name: "Near", Connected: true, Synced: true, LastHeard: time.UnixMilli(1)},
			document: []byte(`{"name":"web","node":"n1","metadata":{"name":"web","state":{"message":"m"}}}`),
		}
		change(p)
		return p
	}
	cases := map[string]struct {
		reason string
		change func(*picture)
		root   string
		same   bool
	}{
		"Same":     {"for who sees the same", func(*picture) {}, "http://a", true},
		"Message":  {"what is kept of the site beside its name and freshness is not shown", func(p *picture) { p.site.Message = "x" }, "http://a", true},
		"Row":      {"another row", func(p *picture) { p.key.Namespace = "two" }, "http://a", false},
		"Revision": {"a later change of it", func(p *picture) { p.revision, p.document = 8, []byte(`{"name":"web"}`) }, "http://a", false},
		"Removed":  {"that it is gone", func(p *picture) { p.removed = true }, "http://a", false},
		"Hidden":   {"with less of it shown", func(p *picture) { p.hidden = 1 }, "http://a", false},
		"Fields":   {"with other fields asked for", func(p *picture) { p.wanted = &fields{exclude: decode.Tree{"node": nil}, text: "exclude=node"} }, "http://a", false},
		"Renamed":  {"the site under another name", func(p *picture) { p.site.Name = "Nearer" }, "http://a", false},
		"Stale":    {"the site away", func(p *picture) { p.site.Connected = false }, "http://a", false},
		"Heard":    {"the site heard later", func(p *picture) { p.site.LastHeard = time.UnixMilli(2) }, "http://a", false},
		"Address":  {"to who came by another address", func(*picture) {}, "http://b", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			p := &press{}
			write := func(root string, seen *picture) []byte {
				text, err := p.row(asked(t, h, root), seen)
				if err != nil {
					t.Fatal(err)
				}
				return text
			}
			first, second := write("http://a", seen(func(*picture) {})), write(tc.root, seen(tc.change))
			if got := &first[0] == &second[0]; got != tc.same {
				t.Errorf("%s: shared: %v, want %v", tc.reason, got, tc.same)
			}
			if got := bytes.Equal(first, second); got != tc.same {
				t.Errorf("%s: equal: %v, want %v: %s", tc.reason, got, tc.same, second)
			}
		})
	}
}

// asked is a request that came by an address.
func asked(t *testing.T, h *hall, root string) *types.APIRequest {
	t.Helper()
	incoming := httptest.NewRequest(http.MethodGet, root+"/v1/croft/subscribe", nil)
	addresses, err := urlbuilder.NewPrefixed(incoming, h.api.Schemas, "v1/croft")
	if err != nil {
		t.Fatal(err)
	}
	return &types.APIRequest{Request: incoming, Schemas: h.api.Schemas, AccessControl: &server.SchemaBasedAccess{}, URLBuilder: addresses}
}

// TestTextsAreForgotten holds that no more is kept than there is room for.
func TestTextsAreForgotten(t *testing.T) {
	p := &press{}
	const large = mostPressed / 10
	for i := range int64(100) {
		p.keep(sameness{revision: i}, &sheet{size: large})
	}
	if p.size > mostPressed || len(p.made) != 10 || len(p.order) != len(p.made) {
		t.Errorf("%d bytes of %d texts are kept, %d in order", p.size, len(p.made), len(p.order))
	}
	if _, ok := p.made[sameness{revision: 99}]; !ok {
		t.Error("the last one is not kept")
	}
}

// TestToldAsRead holds that each of many who follow the same rows is told what he would read, whatever others may see.
func TestToldAsRead(t *testing.T) {
	h := newHall(t)
	h.bind("_hub", "", "more-clusters", rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{"management.cattle.io"}, Resources: []string{"clusters"}}, "ann", "bob")
	h.bind(near, "", "all", seeMachines, "boss", "ann", "bob")
	instances := rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachineinstances"}}
	h.bind(near, "", "instances", instances, "boss")
	h.bind(near, "one", "instances", instances, "bob")
	h.put(t, near, "one", "web", "Running")
	h.run(t, "one", "web", "n0")
	h.run(t, "two", "db", "n0")
	wishes := []struct{ query, ask string }{
		{"", ""},
		{"include=node,name", `,"include":["node,name"]`},
		{"exclude=metadata&exclude=links", `,"exclude":["metadata","links"]`},
		{"", `,"filter":["state!=Paused"]`},
	}
	type reader struct {
		as, query string
		line      *line
	}
	var readers []reader
	for _, as := range []string{"boss", "ann", "bob", "boss", "ann", "bob"} {
		for _, wish := range wishes {
			l := h.dial(t, as)
			l.ask(t, `{"resourceType":"virtualmachine"`+wish.ask+`}`)
			l.want(t, "begun", "resource.start")
			readers = append(readers, reader{as, wish.query, l})
		}
	}
	for round, key := range []string{"one/web", "two/db", "one/web"} {
		in, name := key[:3], key[4:]
		h.run(t, in, name, fmt.Sprint("n", round+1))
		for _, r := range readers {
			event := r.line.next(t)
			var want map[string]any
			if status := h.get(t, r.as, "/v1/croft/virtualmachines/"+near+"/"+key+"?"+r.query, &want); status != http.StatusOK {
				t.Fatal(status)
			}
			delete(want, "links") // they name the address by which each came
			delete(event.Data, "links")
			if diff := cmp.Diff(want, event.Data); diff != "" {
				t.Errorf("%s with %q is told otherwise than he reads (-want +got)\n%s", r.as, r.query, diff)
			}
		}
	}
}

// run writes the machine's instance, which only some may see, and the machine.
func (h *hall) run(t testing.TB, in, name, node string) {
	t.Helper()
	machine := `{"metadata":{"namespace":"` + in + `","name":"` + name + `"},"spec":{"template":{"spec":{"domain":{}}}},"status":{"printableStatus":"Running"}}`
	instance := `{"metadata":{"namespace":"` + in + `","name":"` + name + `"},"status":{"phase":"Running","nodeName":"` + node + `"}}`
	for source, object := range []string{machine, instance} {
		part, err := virtualmachine.Type.Sources[source].Trim([]byte(object))
		if err != nil {
			t.Fatal(err)
		}
		change := index.Change{Namespace: in, Name: name, Part: part}
		if err := h.rows.Apply(t.Context(), index.Batch{Site: near, Type: virtualmachine.Type, Source: source, Changes: []index.Change{change}}); err != nil {
			t.Fatal(err)
		}
	}
}
