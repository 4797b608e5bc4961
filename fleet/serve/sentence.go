package serve

import (
	"fmt"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// sentences say an account to a person: whether he may, why, whether the hub lets him in, and what is doubtful.
func sentences(account Account, site index.Site) []string {
	said := append([]string{verdict(account, site)}, because(account.AtSite, "")...)
	said = append(said, entry(account, site))
	said = append(said, because(account.InHub, " of the hub")...)
	return append(said, doubts(account, site)...)
}

// entry says whether the hub lets the user into the site.
func entry(account Account, site index.Site) string {
	if account.InHub.Allowed {
		return fmt.Sprintf("The hub lets %s into the site.", account.User)
	}
	return fmt.Sprintf("The hub does not let %s into the site: that needs the right to get clusters.management.cattle.io %s in the hub, which no binding gives.", account.User, site.ID)
}

func verdict(account Account, site index.Site) string {
	if account.Allowed {
		return fmt.Sprintf("%s may %s at site %s.", account.User, deedText(account.Deed), site.Name)
	}
	return fmt.Sprintf("%s may not %s at site %s: no binding there gives that right.", account.User, deedText(account.Deed), site.Name)
}

// deedText is such as "get virtualmachines.kubevirt.io/status web in default".
func deedText(deed rights.Deed) string {
	resource := deed.Resource
	if deed.Group != "" {
		resource += "." + deed.Group
	}
	if deed.Subresource != "" {
		resource += "/" + deed.Subresource
	}
	text := deed.Verb + " " + resource
	if deed.Name != "" {
		text += " " + deed.Name
	}
	if deed.Namespace != "" {
		return text + " in namespace " + deed.Namespace
	}
	return text
}

// because gives the first reason; the others stand beside it.
func because(e rights.Explanation, where string) []string {
	switch {
	case e.Everything:
		return []string{"The group system:masters may do everything, without any binding."}
	case e.Allowed:
		first := e.Reasons[0]
		said := fmt.Sprintf("%s%s gives %s to %s by %s.", refText(first.Binding), where, refText(first.Role), subjectText(first.Subject), ruleText(*first.Rule))
		if more := len(e.Reasons) - 1; more > 0 {
			said += fmt.Sprintf(" So do %d more.", more)
		}
		return []string{said}
	case len(e.Near) > 0:
		first := e.Near[0]
		return []string{fmt.Sprintf("The nearest is %s%s, which gives %s to %s. %s", refText(first.Binding), where, refText(first.Role), subjectText(first.Subject), first.Lacks)}
	default:
		return nil
	}
}

// doubts say in what an answer may be wrong.
func doubts(account Account, site index.Site) []string {
	var said []string
	switch {
	case site.LastHeard.IsZero():
		said = append(said, "The site has never answered, so its roles are not known.")
	case site.Stale():
		said = append(said, fmt.Sprintf("The site is not being followed now; this is as it was at %s.", site.LastHeard.UTC().Format(time.RFC3339)))
	case !site.Complete:
		said = append(said, "Not every object of the site is known, so a role or binding may be missing.")
	}
	if account.AtSite.Unsure {
		said = append(said, "A role of the user has more rules than the hub keeps; one of those may allow it.")
	}
	return said
}

func refText(ref rights.Ref) string {
	if ref.Name == "" {
		return "no role"
	}
	if ref.Namespace == "" {
		return ref.Kind + " " + ref.Name
	}
	return ref.Kind + " " + ref.Namespace + "/" + ref.Name
}

func subjectText(subject rbacv1.Subject) string {
	if subject.Kind == rbacv1.ServiceAccountKind {
		return "service account " + subject.Namespace + "/" + subject.Name
	}
	return strings.ToLower(subject.Kind) + " " + subject.Name
}

// ruleText is such as "verbs get, list on virtualmachines of kubevirt.io, names web".
func ruleText(rule rbacv1.PolicyRule) string {
	groups := make([]string, 0, len(rule.APIGroups))
	for _, group := range rule.APIGroups {
		if group == "" {
			group = "the core group"
		}
		groups = append(groups, group)
	}
	text := "verbs " + few(rule.Verbs) + " on " + few(rule.Resources) + " of " + few(groups)
	if len(rule.ResourceNames) > 0 {
		text += ", names " + few(rule.ResourceNames)
	}
	return text
}

// few is a list in a sentence, cut where it is long; the rule itself stands in the answer.
func few(list []string) string {
	const most = 5
	if len(list) > most {
		return strings.Join(list[:most], ", ") + "…"
	}
	return strings.Join(list, ", ")
}
