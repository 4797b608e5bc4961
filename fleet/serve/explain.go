package serve

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/store/empty"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/schemas"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// Account is the answer to the question whether somebody may do a thing at a site.
type Account struct {
	// User is who it is about, and Groups are all that count for him.
	User   string   `json:"user"`
	Groups []string `json:"groups"`
	// GroupsFrom is where the groups are from: asked, asker, rancher or none.
	GroupsFrom string `json:"groupsFrom"`
	// Deed is what he would do.
	Deed rights.Deed `json:"deed"`
	// Site is the id of the site.
	Site string `json:"site"`
	// Allowed says whether the site's roles let him do it.
	Allowed bool `json:"allowed"`
	// Message says it all in sentences.
	Message string `json:"message"`
	// AtSite are the reasons, by the roles of the site.
	AtSite rights.Explanation `json:"atSite"`
	// InHub is whether the hub lets him into the site at all, by the roles of the hub.
	InHub rights.Explanation `json:"inHub"`
}

// explainer explains why somebody can do a thing, or cannot.
type explainer struct {
	empty.Store
	access *Access
}

func explainSchema(access *Access) types.APISchema {
	field := func(kind, description string) schemas.Field {
		return schemas.Field{Type: kind, Description: description}
	}
	return types.APISchema{
		Schema: &schemas.Schema{
			ID: "access", PluralName: "access", Description: "Why somebody can do a thing at a site, or cannot: ask with user, group, verb, resource, apiGroup, site, namespace and name.",
			CollectionMethods: []string{http.MethodGet}, ResourceMethods: []string{},
			ResourceFields: map[string]schemas.Field{
				"user": field("string", "Who it is about."), "groups": field("array[string]", "The groups that count for the user."),
				"groupsFrom": field("string", "Where the groups are from: asked, asker, rancher or none."),
				"deed":       field("json", "What the user would do."), "site": field("string", "The id of the site."),
				"allowed": field("boolean", "Whether the site's roles let the user do it."), "message": field("string", "The answer in sentences."),
				"atSite": field("json", "The bindings, roles and rules of the site that allow it, or those that come near."),
				"inHub":  field("json", "The same for the right to know of the site, in the hub."),
			},
		},
		Store: &explainer{access: access},
	}
}

// List answers the question that the address asks, as a list of one.
func (e *explainer) List(op *types.APIRequest, _ *types.APISchema) (types.APIObjectList, error) {
	asker := caller(op)
	asked, err := parseQuestion(op.Request.URL.Query(), e.access.Index.Types())
	if err != nil {
		return types.APIObjectList{}, asAPIError(err)
	}
	site, err := e.site(asker, asked.site)
	if err != nil {
		return types.APIObjectList{}, err
	}
	who, from, err := e.who(op.Context(), asker, asked)
	if err != nil {
		return types.APIObjectList{}, err
	}
	account := e.access.Explain(who, asked.deed, site)
	account.GroupsFrom = from
	fresh := freshnessOf(op.Context())
	fresh.say(freshness{sites: []index.Site{site}, count: 1, pages: 1})
	return types.APIObjectList{
		Revision: strconv.FormatInt(e.access.Index.Revision(), 10), Count: 1, Pages: 1,
		Objects: []types.APIObject{{Type: "access", ID: "access", Object: account}},
	}, nil
}

// site finds the site by its id or by the name that people gave it, among those that the asker may know of.
func (e *explainer) site(asker rights.User, wanted string) (index.Site, error) {
	var named []index.Site
	for _, site := range e.access.Index.Sites() {
		if !e.access.knows(asker, site.ID) {
			continue
		}
		if site.ID == wanted {
			return site, nil
		}
		if strings.EqualFold(site.Name, wanted) {
			named = append(named, site)
		}
	}
	switch len(named) {
	case 0:
		return index.Site{}, apierror.NewAPIError(validation.NotFound, "site "+wanted+" not found")
	case 1:
		return named[0], nil
	default:
		return index.Site{}, asAPIError(&index.FieldError{Field: "site", Message: "is the name of more than one site; give the id of one"})
	}
}

// reviews is the right to ask about others, which is the one that Kubernetes has for that.
var reviews = rights.Deed{Verb: "create", Group: "authorization.k8s.io", Resource: "subjectaccessreviews"}

// who is whom the question is about, and where his groups are from.
func (e *explainer) who(ctx context.Context, asker rights.User, asked question) (rights.User, string, error) {
	self := asked.user == "" || asked.user == asker.Name
	for _, group := range asked.groups {
		self = self && slices.Contains(asker.Complete().Groups, group)
	}
	if self {
		return asker.Complete(), "asker", nil
	}
	if !e.access.Book.Explain(e.access.Hub, asker, reviews).Allowed {
		return rights.User{}, "", apierror.NewAPIError(validation.PermissionDenied,
			"You may ask about yourself. To ask about others, or about other groups, you need the right to create subjectaccessreviews.authorization.k8s.io in the hub.")
	}
	who, from := rights.User{Name: asked.user, Groups: asked.groups}, "asked"
	if who.Name == "" {
		who.Name = asker.Name
	}
	if len(who.Groups) == 0 {
		who.Groups, from = e.access.groups(ctx, who.Name)
	}
	return who.Complete(), from, nil
}

// groups are those that Rancher knows of a user.
func (a *Access) groups(ctx context.Context, user string) ([]string, string) {
	if a.Groups == nil {
		return nil, "none"
	}
	groups, err := a.Groups(ctx, user)
	if err != nil {
		slog.Warn("the groups of a user could not be read", "user", user, "error", err)
		return nil, "none"
	}
	if len(groups) == 0 {
		return nil, "none"
	}
	return groups, "rancher"
}

// Explain says whether the roles of a site let somebody do a thing, and whether the hub lets him know of the site.
func (a *Access) Explain(who rights.User, deed rights.Deed, site index.Site) Account {
	account := Account{User: who.Name, Groups: who.Groups, Deed: deed, Site: site.ID}
	account.AtSite = a.Book.Explain(site.ID, who, deed)
	account.InHub = a.Book.Explain(a.Hub, who, rights.Deed{Verb: "get", Group: clusters.Group, Resource: clusters.Resource, Name: site.ID})
	account.Allowed = account.AtSite.Allowed
	account.Message = strings.Join(sentences(account, site), " ")
	return account
}
