package serve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/node"
	"crofthci.io/croft/fleet/virtualmachine"
)

const (
	near = "c-m-near"
	far  = "c-m-far"
)

// hall is a server with sites, and the book of everybody's rights.
type hall struct {
	*Server
	book *rights.Book
	rows *index.Index
}

func newHall(t testing.TB) *hall {
	t.Helper()
	rows, err := index.Open(t.Context(), t.TempDir(), []*index.Type{virtualmachine.Type, node.Type, namespace.Type})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rows.Close() })
	book := rights.NewBook()
	rows.OnEvent(func(event index.Event) {
		if _, err := book.Event(event); err != nil {
			t.Error(err)
		}
	})
	access := &Access{Hub: "_hub", Book: book, Index: rows, Groups: func(_ context.Context, user string) ([]string, error) {
		switch user {
		case "u-ann":
			return []string{"system:cattle:authenticated", "github_team://42"}, nil
		case "u-broken":
			return nil, errors.New("Rancher does not answer")
		default:
			return nil, nil
		}
	}}
	h := &hall{Server: New(access, ""), book: book, rows: rows}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	h.site(t, index.Site{ID: near, Name: "Near", Connected: true, Synced: true, Complete: true, LastHeard: now})
	h.site(t, index.Site{ID: far, Name: "Far", Complete: true, LastHeard: now})
	h.bind("_hub", "", "all-clusters", rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{"management.cattle.io"}, Resources: []string{"clusters"}}, "boss", "u-ann")
	h.bind("_hub", "", "asks", rbacv1.PolicyRule{Verbs: []string{"create"}, APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"subjectaccessreviews"}}, "boss")
	return h
}

func (h *hall) site(t testing.TB, site index.Site) {
	t.Helper()
	if err := h.rows.SetSite(t.Context(), site); err != nil {
		t.Fatal(err)
	}
}

// bind gives users a right at a site, everywhere or in a namespace. Who begins with a @ is a group.
func (h *hall) bind(site, in, name string, rule rbacv1.PolicyRule, users ...string) {
	var subjects []rbacv1.Subject
	for _, who := range users {
		subject := rbacv1.Subject{Kind: rbacv1.UserKind, Name: who}
		if group, ok := strings.CutPrefix(who, "@"); ok {
			subject = rbacv1.Subject{Kind: rbacv1.GroupKind, Name: group}
		}
		subjects = append(subjects, subject)
	}
	kind := rights.ClusterRoleBinding
	if in != "" {
		kind = rights.RoleBinding
	}
	h.book.Put(site, rights.ClusterRole, &rights.Object{Name: name, Rules: []rbacv1.PolicyRule{rule}})
	h.book.Put(site, kind, &rights.Object{Namespace: in, Name: name, RoleRef: &rbacv1.RoleRef{Kind: "ClusterRole", Name: name}, Subjects: subjects})
}

// get asks as somebody and decodes the answer.
func (h *hall) get(t *testing.T, as, path string, into any) int {
	t.Helper()
	incoming := httptest.NewRequestWithContext(request.WithUser(t.Context(), &user.DefaultInfo{Name: as, Groups: []string{"system:authenticated"}}), http.MethodGet, path, nil)
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, incoming)
	if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
		t.Fatalf("GET %s answered %d %q: %v", path, answer.Code, answer.Body, err)
	}
	return answer.Code
}

type explained struct {
	Status    int
	FieldName string
	Message   string
	Data      []Account
	Sites     []index.Site
}

var seeMachines = rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachines"}}

func TestExplain(t *testing.T) {
	h := newHall(t)
	h.bind(near, "one", "team", seeMachines, "@github_team://42")
	h.bind(near, "two", "bob", seeMachines, "bob")
	h.bind(far, "", "all", seeMachines, "u-ann")
	cases := map[string]struct {
		reason, as, query string
		allowed, inHub    bool
		from              string
		says              []string
	}{
		"Group": {
			"Rancher knows the groups of a user", "boss", "user=u-ann&verb=list&resource=virtualmachines&site=near&namespace=one", true, true, "rancher",
			[]string{"u-ann may list virtualmachines.kubevirt.io in namespace one at site Near.", "RoleBinding one/team gives ClusterRole team to group github_team://42 by verbs get, list on virtualmachines of kubevirt.io.", "The hub lets u-ann into the site."},
		},
		"GroupAsked": {
			"or they are said", "boss", "user=eve&group=github_team://42&verb=get&resource=virtualmachines.kubevirt.io&site=" + near + "&namespace=one&name=web", true, false, "asked",
			[]string{"The hub does not let eve into the site: that needs the right to get clusters.management.cattle.io c-m-near"},
		},
		"Elsewhere": {
			"the nearest binding is named", "boss", "user=bob&verb=get&resource=virtualmachines&site=near&namespace=one&name=web", false, false, "none",
			[]string{"bob may not get virtualmachines.kubevirt.io web in namespace one at site Near", "The nearest is RoleBinding two/bob, which gives ClusterRole bob to user bob. It is in two and not in one."},
		},
		"Self": {
			"everybody may ask about himself; his groups are those with which he asks", "u-ann", "verb=list&resource=virtualmachines&site=near&namespace=one", false, true, "asker",
			[]string{"u-ann may not list"},
		},
		"SelfByName": {"also by his name", "u-ann", "user=u-ann&group=system:authenticated&verb=list&resource=virtualmachines&site=far", true, true, "asker", []string{"is not being followed now"}},
		"NoGroups":   {"where Rancher does not answer, none are known", "boss", "user=u-broken&verb=list&resource=pods&site=near", false, false, "none", []string{"u-broken may not list pods at site Near"}},
		"Part":       {"a part of a resource", "boss", "user=bob&verb=update&resource=virtualmachines/restart&apiGroup=subresources.kubevirt.io&site=near", false, false, "none", []string{"update virtualmachines.subresources.kubevirt.io/restart"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got explained
			if status := h.get(t, tc.as, "/v1/croft/access?"+tc.query, &got); status != http.StatusOK || len(got.Data) != 1 {
				t.Fatalf("%s: got %d %+v", tc.reason, status, got)
			}
			account := got.Data[0]
			if account.Allowed != tc.allowed || account.AtSite.Allowed != tc.allowed || account.InHub.Allowed != tc.inHub || account.GroupsFrom != tc.from {
				t.Errorf("%s: got %+v", tc.reason, account)
			}
			for _, sentence := range tc.says {
				if !strings.Contains(account.Message, sentence) {
					t.Errorf("%s: %q does not say %q", tc.reason, account.Message, sentence)
				}
			}
			if len(got.Sites) != 1 || got.Sites[0].ID != account.Site {
				t.Errorf("%s: the freshness of %s is not told, but %+v", tc.reason, account.Site, got.Sites)
			}
		})
	}
}

func TestExplainRefusals(t *testing.T) {
	h := newHall(t)
	h.site(t, index.Site{ID: "c-m-twin1", Name: "Twin"})
	h.site(t, index.Site{ID: "c-m-twin2", Name: "twin"})
	const whole = "verb=get&resource=pods&site=near"
	cases := map[string]struct {
		reason, as, query string
		status            int
		field             string
	}{
		"NoVerb":       {"what he would do", "boss", "resource=pods&site=near", 422, "verb"},
		"NoResource":   {"to what", "boss", "verb=get&site=near", 422, "resource"},
		"NoSite":       {"where", "boss", "verb=get&resource=pods", 422, "site"},
		"TwoVerbs":     {"one question at a time", "boss", whole + "&verb=list", 422, "verb"},
		"LongName":     {"no name is so long", "boss", whole + "&name=" + strings.Repeat("x", 300), 422, "name"},
		"Control":      {"nor has such a character", "boss", whole + "&namespace=a%00b", 422, "namespace"},
		"Capital":      {"a kind is no resource", "boss", "verb=get&resource=VirtualMachine&site=near", 422, "resource"},
		"NoPart":       {"a part without a name", "boss", "verb=get&resource=pods/&site=near", 422, "resource"},
		"TwoParts":     {"a part of a part", "boss", "verb=get&resource=pods/a/b&site=near", 422, "resource"},
		"OtherPart":    {"two parts", "boss", "verb=get&resource=pods/log&subresource=exec&site=near", 422, "subresource"},
		"OtherGroup":   {"two groups", "boss", "verb=get&resource=deployments.apps&apiGroup=batch&site=near", 422, "apiGroup"},
		"EmptyGroup":   {"nobody is in a group without a name", "boss", whole + "&group=", 422, "group"},
		"TwoSites":     {"a name that two sites have", "boss", "verb=get&resource=pods&site=twin", 422, "site"},
		"NoSuchSite":   {"a site that is not there", "boss", "verb=get&resource=pods&site=nowhere", 404, ""},
		"HiddenSite":   {"one that the asker may not know of is not there for him", "eve", whole, 404, ""},
		"OtherUser":    {"to ask about others needs a right", "u-ann", whole + "&user=bob", 403, ""},
		"OtherGroups":  {"so does it to ask what one could do in another group", "u-ann", whole + "&group=system:masters", 403, ""},
		"HiddenBefore": {"whoever may know nothing is told nothing, not even that he may not ask", "eve", whole + "&user=bob", 404, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got explained
			status := h.get(t, tc.as, "/v1/croft/access?"+tc.query, &got)
			if status != tc.status || got.FieldName != tc.field || got.Message == "" {
				t.Errorf("%s: got %d %q %q, want %d %q", tc.reason, status, got.FieldName, got.Message, tc.status, tc.field)
			}
		})
	}
}

// TestDoubts holds that an answer says in what it may be wrong.
func TestDoubts(t *testing.T) {
	heard := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	cases := map[string]struct {
		reason string
		site   index.Site
		want   []string
	}{
		"Fresh":      {"nothing is doubtful", index.Site{Connected: true, Synced: true, Complete: true, LastHeard: heard}, nil},
		"Never":      {"nothing is known", index.Site{}, []string{"The site has never answered, so its roles are not known."}},
		"Away":       {"it is as it was", index.Site{Complete: true, LastHeard: heard}, []string{"The site is not being followed now; this is as it was at 2026-01-02T03:04:05Z."}},
		"Incomplete": {"something was left out", index.Site{Connected: true, Synced: true, LastHeard: heard}, []string{"Not every object of the site is known, so a role or binding may be missing."}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, doubts(Account{}, tc.site)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
