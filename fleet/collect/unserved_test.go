package collect_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/namespace"
)

// optional is namespaces as a kind that a site may do without.
var optional = &index.Type{
	Name: "optional", Plural: "optionals",
	Sources: []index.Source{{
		Resource: schema.GroupVersionResource{Group: "things.io", Version: "v1", Resource: "optionals"},
		Trim:     namespace.Type.Sources[0].Trim, Optional: true,
	}},
	Columns: namespace.Type.Columns, Join: namespace.Type.Join,
}

// without is a site of which an API group, or one kind of it, is not served. What the site says of itself is given.
type without struct {
	*site
	groups, resources string
}

func (s *without) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, where, _ := strings.Cut(r.URL.Path, "/k8s/clusters/c-1")
	switch where {
	case "/apis":
		fmt.Fprint(w, s.groups)
	case "/apis/things.io/v1":
		if s.resources == "" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, s.resources)
	case "/apis/things.io/v1/optionals":
		http.NotFound(w, r)
	default:
		s.site.ServeHTTP(w, r)
	}
}

// TestUnserved holds that what a site does not have is nothing to wait for, and that nothing else is taken for that.
func TestUnserved(t *testing.T) {
	const groups = `{"kind":"APIGroupList","groups":[{"name":"apps"},{"name":"things.io"}]}`
	cases := map[string]struct {
		reason            string
		groups, resources string
		listed            bool
	}{
		"NoGroup":    {"plain KubeVirt has not the group", `{"kind":"APIGroupList","groups":[{"name":"apps"}]}`, "", true},
		"NoVersion":  {"the group comes in other versions", groups, "", true},
		"NoResource": {"an older site has the group without the kind", groups, `{"kind":"APIResourceList","resources":[{"name":"others"}]}`, true},
		"Served":     {"the kind is there, and the 404 was something else", groups, `{"kind":"APIResourceList","resources":[{"name":"optionals"}]}`, false},
		"NoGroups":   {"an empty answer says nothing", `{"kind":"APIGroupList","groups":[]}`, "", false},
		"NoList":     {"another answer says nothing", groups, `{"kind":"Status"}`, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			x := openTypes(t, t.TempDir(), optional)
			defer x.Close()
			c, _ := followTypes(t, x, "c-1", &without{site: newSite(), groups: tc.groups, resources: tc.resources}, budget, []*index.Type{optional})
			health := func() collect.SourceHealth { return c.Health().Sources["optionals.things.io"] }
			eventually(t, "the source was asked for", func() bool { return health().Live || health().Problem != "" })
			if got := health(); got.Listed != tc.listed || got.Live != tc.listed {
				t.Errorf("%s: the source is %+v", tc.reason, got)
			}
		})
	}
}

// TestUnservedStays holds that the hub knows that there is nothing to list when it asks again, and after a restart, while
// the site is away.
func TestUnservedStays(t *testing.T) {
	folder := t.TempDir()
	x := openTypes(t, folder, optional)
	s := &without{site: newSite(), groups: `{"kind":"APIGroupList","groups":[{"name":"apps"}]}`}
	c, stop := followTypes(t, x, "c-1", s, budget, []*index.Type{optional})
	eventually(t, "it is known", func() bool { return c.Health().Sources["optionals.things.io"].Live })
	stop()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = openTypes(t, folder, optional)
	defer x.Close()
	away := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "away", http.StatusServiceUnavailable) })
	c, _ = followTypes(t, x, "c-1", away, budget, []*index.Type{optional})
	eventually(t, "it was asked for", func() bool { return c.Health().Sources["optionals.things.io"].Problem != "" })
	if got := c.Health().Sources["optionals.things.io"]; !got.Listed || got.Live {
		t.Errorf("the source is %+v, want listed and not live", got)
	}
}
