package manager

import (
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Grant lets somebody do things in a namespace, as a role of the given name, and waits until the API server has heard.
func (c *Cluster) Grant(namespace, name string, to rbacv1.Subject, things ...rbacv1.PolicyRule) {
	c.T.Helper()
	c.Make(&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Rules: things})
	c.Make(&rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		Subjects:   []rbacv1.Subject{to},
	})
	for _, rule := range things {
		untilMay(c, namespace, to, rule)
	}
}

// User is a user as the subject of a role.
func User(name string) rbacv1.Subject {
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}
}

// Group are all who belong to a group, as the subject of a role.
func Group(name string) rbacv1.Subject {
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: name}
}

// As is the API server as a user sees it who belongs to some groups.
func (c *Cluster) As(user string, groups ...string) client.Client {
	c.T.Helper()
	config := rest.CopyConfig(c.api)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	as, err := client.New(config, client.Options{Scheme: c.Scheme()})
	if err != nil {
		c.T.Fatal(err)
	}
	return as
}

// untilMay waits until the API server allows the last thing of a rule: it has heard of a role as a whole.
func untilMay(c *Cluster, namespace string, who rbacv1.Subject, rule rbacv1.PolicyRule) {
	c.T.Helper()
	const pause = 10 * time.Millisecond
	last := func(of []string) string { return of[len(of)-1] }
	resource, subresource, _ := strings.Cut(last(rule.Resources), "/")
	wants := &authorizationv1.ResourceAttributes{
		Namespace: namespace, Group: last(rule.APIGroups), Resource: resource, Subresource: subresource, Verb: last(rule.Verbs),
	}
	spec := authorizationv1.SubjectAccessReviewSpec{ResourceAttributes: wants, User: who.Name}
	if who.Kind == rbacv1.GroupKind {
		spec.User, spec.Groups = "", []string{who.Name}
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		review := &authorizationv1.SubjectAccessReview{Spec: spec}
		if err := c.Create(c.T.Context(), review); err != nil {
			c.T.Fatal(err)
		}
		if review.Status.Allowed {
			return
		}
		if time.Now().After(deadline) {
			c.T.Fatalf("the API server never heard that %s may do %+v: %s", who.Name, rule, review.Status.Reason)
		}
	}
}
