package serve

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/store/empty"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// store gives out the rows of one type.
type store struct {
	empty.Store
	access *Access
	t      *index.Type
	// kept are the fields that each of the type's guards keeps, in their order.
	kept []decode.Tree
}

func newStore(access *Access, t *index.Type) *store {
	s := &store{access: access, t: t}
	for _, guard := range t.Guards {
		var fields decode.Tree
		for _, path := range guard.Fields {
			fields = fields.With(strings.Split(path, "."))
		}
		s.kept = append(s.kept, fields)
	}
	return s
}

// caller is who asks. The server has made sure that there is somebody.
func caller(op *types.APIRequest) rights.User {
	info, ok := op.GetUserInfo()
	if !ok {
		return rights.User{}
	}
	return userOf(info)
}

// List answers a query.
func (s *store) List(op *types.APIRequest, _ *types.APISchema) (types.APIObjectList, error) {
	asked := op.Request.URL.Query()
	who := caller(op)
	v, err := s.view(who, asked)
	if err != nil {
		return types.APIObjectList{}, asAPIError(err)
	}
	wanted, err := fieldsOf(asked)
	if err != nil {
		return types.APIObjectList{}, asAPIError(err)
	}
	page, err := s.access.Index.List(op.Context(), v.query)
	if err != nil {
		return types.APIObjectList{}, asAPIError(err)
	}
	summaries, err := s.access.Index.Summaries(v.query)
	if err != nil {
		return types.APIObjectList{}, asAPIError(err)
	}
	sites := v.sites
	fresh := freshnessOf(op.Context())
	fresh.say(freshness{sites: sites, count: page.Count, pages: page.Pages, cursor: Cursor{page.Revision, v.print(asked), s.access.Index.ID()}.String()})
	if fresh.sites == nil {
		fresh.sites = []index.Site{}
	}
	list := types.APIObjectList{Revision: strconv.FormatInt(page.Revision, 10), Continue: page.Continue, Count: page.Count, Pages: page.Pages, Summary: totalsOf(summaries)}
	heads := heads{sites: sites, known: map[string][]byte{}}
	list.Objects = make([]types.APIObject, 0, len(page.Entries))
	for _, entry := range page.Entries {
		document := behind(heads.of(entry.Key.Site), s.without(s.hides(who, v.hidden, entry.Key), entry.Document))
		list.Objects = append(list.Objects, wanted.narrow(types.APIObject{Type: s.t.Name, ID: entry.Key.ID(), Object: document}))
	}
	return list, nil
}

// ByID reads one row. A row that the caller may not see is not found, as it is for Steve.
func (s *store) ByID(op *types.APIRequest, _ *types.APISchema, id string) (types.APIObject, error) {
	key, ok := parseKey(id)
	who := caller(op)
	if !ok || !s.access.Gets(who, s.t, key) {
		return types.APIObject{}, notFound(s.t, id)
	}
	wanted, err := fieldsOf(op.Request.URL.Query())
	if err != nil {
		return types.APIObject{}, asAPIError(err)
	}
	entry, err := s.access.Index.Get(op.Context(), s.t, key)
	if errors.Is(err, index.ErrNotFound) {
		return types.APIObject{}, notFound(s.t, id)
	}
	if err != nil {
		return types.APIObject{}, asAPIError(err)
	}
	site, _ := s.access.Index.Site(key.Site)
	document := s.shown(s.without(s.hides(who, s.t.Guards, entry.Key), entry.Document), site)
	return wanted.narrow(types.APIObject{Type: s.t.Name, ID: entry.Key.ID(), Object: document}), nil
}

// shown is a row with what is known only now: the site's name and how fresh it is.
func (s *store) shown(document []byte, site index.Site) json.RawMessage {
	if s.t.OfHub {
		return document
	}
	return withSite(document, site)
}

// withSite puts the freshness of the site before the fields of a row.
func withSite(document []byte, site index.Site) json.RawMessage {
	return behind(headOf(site), document)
}

// heads are what stands before the rows of each site that is on a page.
type heads struct {
	sites []index.Site
	known map[string][]byte
}

func (h heads) of(id string) []byte {
	if head, ok := h.known[id]; ok {
		return head
	}
	at := slices.IndexFunc(h.sites, func(site index.Site) bool { return site.ID == id })
	if at < 0 {
		return nil // it has just left
	}
	h.known[id] = headOf(h.sites[at])
	return h.known[id]
}

// headOf is what stands before the fields of every row of a site, without the end.
func headOf(site index.Site) []byte {
	head, err := json.Marshal(struct {
		SiteName  string `json:"siteName"`
		Stale     bool   `json:"stale"`
		LastHeard any    `json:"lastHeard"`
	}{site.Name, site.Stale(), heard(site)})
	if err != nil {
		return nil // a text, a bool and a time can always be written
	}
	return head[:len(head)-1]
}

// behind writes the fields of a row behind a head.
func behind(head, document []byte) json.RawMessage {
	if len(document) < 2 || len(head) == 0 {
		return document
	}
	row := make([]byte, 0, len(head)+len(document)+1)
	row = append(row, head...)
	if document[1] != '}' {
		row = append(row, ',')
	}
	return append(row, document[1:]...)
}

// heard is when a site last answered, or nothing if it never did.
func heard(site index.Site) any {
	if site.LastHeard.IsZero() {
		return nil
	}
	return site.LastHeard.UTC()
}

func notFound(t *index.Type, id string) error {
	return apierror.NewAPIError(validation.NotFound, t.Name+" "+id+" not found")
}

// asAPIError turns an error of the index into an answer: a query at fault names its field.
func asAPIError(err error) error {
	var field *index.FieldError
	switch {
	case errors.As(err, &field):
		return apierror.NewFieldAPIError(validation.InvalidOption, field.Field, field.Field+" "+field.Message)
	case errors.Is(err, index.ErrTooOld):
		return apierror.NewAPIError(validation.ErrorCode{Code: "Expired", Status: http.StatusGone}, "the revision is too old; list again")
	default:
		return apierror.WrapAPIError(err, validation.ServerError, "the index could not answer; see the hub's log")
	}
}
