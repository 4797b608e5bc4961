package rights

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Deed is something that somebody may want to do, in the words of Kubernetes' own SubjectAccessReview.
type Deed struct {
	// Verb is such as get, list, create or delete.
	Verb string `json:"verb"`
	// Group is the API group of the resource, empty for the core's.
	Group string `json:"apiGroup"`
	// Resource is the resource in the plural.
	Resource string `json:"resource"`
	// Subresource is a part of it such as status, or empty.
	Subresource string `json:"subresource"`
	// Namespace is where; empty is everywhere, and right for what has no namespace.
	Namespace string `json:"namespace"`
	// Name is the object's; empty is any.
	Name string `json:"name"`
}

// within is the deed as an API server understands it: a namespace lies in itself.
func (d Deed) within() Deed {
	if d.Group == insideThemselves.Group && d.Resource == insideThemselves.Resource && d.Namespace == "" {
		d.Namespace = d.Name
	}
	return d
}

// Ref names a role or a binding.
type Ref struct {
	// Kind is Role, ClusterRole, RoleBinding or ClusterRoleBinding; empty for a role that a binding does not name.
	Kind string `json:"kind"`
	// Namespace is empty for those of the whole cluster.
	Namespace string `json:"namespace"`
	// Name is its name.
	Name string `json:"name"`
}

// Reason is one way by which a user comes to a right, or comes near it.
type Reason struct {
	// Binding is the binding.
	Binding Ref `json:"binding"`
	// Role is the role that it grants.
	Role Ref `json:"role"`
	// Subject is whom of the user's names and groups the binding is for.
	Subject rbacv1.Subject `json:"subject"`
	// Rule is the role's rule, nil where it has none that matters.
	Rule *rbacv1.PolicyRule `json:"rule,omitempty"`
	// Lacks says, of a reason that does not suffice, what is missing: a sentence. It is empty for one that does.
	Lacks string `json:"lacks,omitempty"`

	faults int
}

// Explanation says whether somebody may do a thing at a site, and why.
type Explanation struct {
	// Allowed says that he may.
	Allowed bool `json:"allowed"`
	// Everything says that he may because he is in system:masters, which no role can take away.
	Everything bool `json:"everything"`
	// Reasons are the rules that allow it, the widest first.
	Reasons []Reason `json:"reasons"`
	// Near are bindings of his that do not suffice, the nearest first, where nothing allows it.
	Near []Reason `json:"near"`
	// Unsure says that a role of his has more rules than are kept here, so that he may be allowed though no reason is known.
	Unsure bool `json:"unsure"`
}

// The most reasons that are given.
const (
	mostReasons = 50
	mostNear    = 10
)

// Explain says whether a user may do a thing at a site, by the same rules as Kubernetes' RBAC authorizer, and names
// every binding, role and rule by which he may.
func (b *Book) Explain(siteID string, who User, deed Deed) Explanation {
	who, deed = who.Complete(), deed.within()
	if slices.Contains(who.Groups, masters) {
		return Explanation{Allowed: true, Everything: true, Reasons: []Reason{}, Near: []Reason{}}
	}
	b.lock.RLock()
	defer b.lock.RUnlock()
	a := account{deed: deed}
	if s, ok := b.sites[siteID]; ok {
		for _, subject := range who.subjects() {
			for key, bound := range s.subjects[subject] {
				a.binding(s, subject, key, bound)
			}
		}
	}
	return a.explanation()
}

// account gathers the reasons for an explanation.
type account struct {
	deed          Deed
	reasons, near []Reason
	unsure        bool
}

// binding looks at one binding of the user.
func (a *account) binding(s *site, who subject, key name, bound *binding) {
	found := Reason{Binding: bound.ref(key), Role: bound.roleRef(), Subject: who.rbac()}
	inPlace := bound.namespace == "" || bound.namespace == a.deed.Namespace
	rules, there := s.roles[bound.role]
	if !there {
		if inPlace {
			found.Lacks, found.faults = lacksRole(found.Role), 1
			a.near = append(a.near, found)
		}
		return
	}
	if _, cut := s.cut[bound.role]; cut && inPlace {
		a.unsure = true
	}
	for i := range rules {
		reason := found
		reason.Rule = &rules[i]
		lacks, near := a.deed.lacks(rules[i], bound.namespace)
		switch {
		case len(lacks) == 0:
			a.reasons = append(a.reasons, reason)
		case near:
			reason.Lacks, reason.faults = "It is "+strings.Join(lacks, " and ")+".", len(lacks)
			a.near = append(a.near, reason)
		}
	}
}

// lacks says in what a rule that holds in a namespace, or everywhere, falls short of a deed, and whether it comes near:
// a rule about other resources does not.
func (d Deed) lacks(rule rbacv1.PolicyRule, namespace string) (lacks []string, near bool) {
	resource := has(rule.APIGroups, rbacv1.APIGroupAll, d.Group) && d.ofResource(rule.Resources)
	near = resource || has(rule.APIGroups, rbacv1.APIGroupAll, d.Group) && slices.Contains(rule.Resources, d.Resource)
	if !resource {
		lacks = append(lacks, "for "+listed(rule.Resources)+" and not for "+d.resource())
	}
	if !has(rule.Verbs, rbacv1.VerbAll, d.Verb) {
		lacks = append(lacks, "to "+listed(rule.Verbs)+" and not to "+d.Verb)
	}
	if namespace != "" && namespace != d.Namespace {
		lacks = append(lacks, "in "+namespace+" and not "+d.place())
	}
	if len(rule.ResourceNames) > 0 && !slices.Contains(rule.ResourceNames, d.Name) {
		lacks = append(lacks, "for "+listed(rule.ResourceNames)+" and not for "+d.object())
	}
	return lacks, near
}

// ofResource says whether names of resources in a rule mean the deed's: itself, all, or the part of any.
func (d Deed) ofResource(resources []string) bool {
	if d.Subresource != "" && slices.Contains(resources, rbacv1.ResourceAll+"/"+d.Subresource) {
		return true
	}
	return has(resources, rbacv1.ResourceAll, d.resource())
}

// resource is the resource as rules name it.
func (d Deed) resource() string {
	if d.Subresource == "" {
		return d.Resource
	}
	return d.Resource + "/" + d.Subresource
}

func (d Deed) place() string {
	if d.Namespace == "" {
		return "everywhere"
	}
	return "in " + d.Namespace
}

func (d Deed) object() string {
	if d.Name == "" {
		return "others"
	}
	return d.Name
}

// explanation puts what was gathered in order.
func (a *account) explanation() Explanation {
	order := func(x, y Reason) int {
		return cmp.Or(cmp.Compare(x.faults, y.faults), cmp.Compare(x.Binding.Namespace, y.Binding.Namespace), cmp.Compare(x.Binding.Name, y.Binding.Name),
			cmp.Compare(x.Subject.Kind, y.Subject.Kind), cmp.Compare(x.Subject.Name, y.Subject.Name), cmp.Compare(x.Lacks, y.Lacks))
	}
	slices.SortStableFunc(a.reasons, order)
	slices.SortStableFunc(a.near, order)
	e := Explanation{Allowed: len(a.reasons) > 0, Reasons: []Reason{}, Near: []Reason{}}
	e.Reasons = append(e.Reasons, a.reasons[:min(len(a.reasons), mostReasons)]...)
	if !e.Allowed {
		e.Near = append(e.Near, a.near[:min(len(a.near), mostNear)]...)
		e.Unsure = a.unsure
	}
	return e
}

func lacksRole(role Ref) string {
	if role.Name == "" {
		return "It names no role that Kubernetes would follow."
	}
	return "The role that it names is not there."
}

// ref is the binding's own name.
func (b *binding) ref(key name) Ref {
	if b.namespace == "" {
		return Ref{Kind: "ClusterRoleBinding", Name: key.name}
	}
	return Ref{Kind: "RoleBinding", Namespace: key.namespace, Name: key.name}
}

func (b *binding) roleRef() Ref {
	switch {
	case b.role == name{}:
		return Ref{}
	case b.role.namespace == "":
		return Ref{Kind: "ClusterRole", Name: b.role.name}
	default:
		return Ref{Kind: "Role", Namespace: b.role.namespace, Name: b.role.name}
	}
}

// rbac is the subject in Kubernetes' words. A service account is named as the user that it signs in as.
func (s subject) rbac() rbacv1.Subject {
	if s.group {
		return rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: s.name}
	}
	if rest, ok := strings.CutPrefix(s.name, serviceAccount); ok {
		namespace, account, _ := strings.Cut(rest, ":")
		return rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: account}
	}
	return rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: s.name}
}

// mostListed is how many words of a rule a sentence takes in.
const mostListed = 5

// listed is a list in a sentence.
func listed(words []string) string {
	if len(words) > mostListed {
		return strings.Join(words[:mostListed], ", ") + "…"
	}
	return strings.Join(words, ", ")
}
