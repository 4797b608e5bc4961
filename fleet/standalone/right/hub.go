package right

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

const (
	// labelScope tells for which cluster or user something was written on the hub.
	labelScope = "authz.cluster.cattle.io/croft-scope"
	ownerRole  = "cluster-owner"
)

// member is somebody with any right on a cluster.
type member struct {
	subject rbacv1.Subject
	owner   bool
}

// members are all who may see a cluster.
func members(given Given) []member {
	w := &wanted{given: given}

	var result []member

	add := func(have member, ok bool) {
		if !ok {
			return
		}

		i := slices.IndexFunc(result, func(m member) bool { return m.subject == have.subject })
		if i < 0 {
			result = append(result, have)
		} else {
			result[i].owner = result[i].owner || have.owner
		}
	}

	for i := range given.Clusters {
		b := &given.Clusters[i]
		subject, ok := w.subject(b.UserName, b.UserPrincipalName, b.GroupName, b.GroupPrincipalName)
		add(member{subject: subject, owner: b.RoleTemplateName == ownerRole}, ok)
	}

	for i := range given.Projects {
		b := &given.Projects[i]
		subject, ok := w.subject(b.UserName, b.UserPrincipalName, b.GroupName, b.GroupPrincipalName)
		add(member{subject: subject}, ok)
	}

	slices.SortFunc(result, func(a, b member) int {
		if a.subject.Kind+a.subject.Name < b.subject.Kind+b.subject.Name {
			return -1
		}

		return 1
	})

	return result
}

// onHub is what a cluster has on the hub, for which its members get rights.
type onHub struct {
	// cluster is the cluster's name, and that of its namespace.
	cluster string
	// provisioning is the provisioning cluster behind it; none has no name.
	provisioning client.ObjectKey
	// projects are the names of its projects.
	projects []string
	// who are its members.
	who []member
}

// applyHub lets the members of a cluster see it on the hub, and its owners give
// rights on it and on its projects.
func (r *Registry) applyHub(ctx context.Context, on onHub) error {
	if err := r.ensureBacking(ctx, on); err != nil {
		return err
	}

	var roles, bindings, localRoles, localBindings []client.Object

	if len(on.who) > 0 {
		roles, bindings = sight(on.cluster, on.who)
		localRoles, localBindings = inside(on)
	}

	scope := client.MatchingLabels{LabelOwned: ownedHub, labelScope: on.cluster}

	return errors.Join(
		bring(ctx, r.live, &rbacv1.ClusterRoleList{}, roles, scope),
		bring(ctx, r.live, &rbacv1.ClusterRoleBindingList{}, bindings, scope),
		bring(ctx, r.live, &rbacv1.RoleList{}, localRoles, scope),
		bring(ctx, r.live, &rbacv1.RoleBindingList{}, localBindings, scope),
	)
}

// sight is the right to get the cluster, which opens the proxy.
func sight(cluster string, who []member) (roles, bindings []client.Object) {
	rules := func(verbs ...string) []rbacv1.PolicyRule {
		return []rbacv1.PolicyRule{{
			APIGroups: []string{management.GroupVersion.Group}, Resources: []string{"clusters"}, ResourceNames: []string{cluster}, Verbs: verbs,
		}}
	}

	for suffix, rules := range map[string][]rbacv1.PolicyRule{
		"-clustermember": rules("get", "list", "watch"),
		"-clusterowner":  rules("get", "list", "watch", "update", "patch", "delete"),
	} {
		roles = append(roles, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: cluster + suffix, Labels: hubLabels(cluster)}, Rules: rules})
	}

	for _, m := range who {
		role := cluster + "-clustermember"
		if m.owner {
			role = cluster + "-clusterowner"
		}

		bindings = append(bindings, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name("crb", cluster, m.subject.Kind, m.subject.Name), Labels: hubLabels(cluster)},
			RoleRef:    roleRef(role), Subjects: []rbacv1.Subject{m.subject},
		})
	}

	return roles, bindings
}

// room is a namespace on the hub and what members and owners may do there.
type room struct {
	namespace     string
	name          string
	member, owner []rbacv1.PolicyRule
}

// rooms are the namespaces that members of a cluster have to do with.
func rooms(on onHub) []room {
	read, all := []string{"get", "list", "watch"}, []string{rbacv1.ResourceAll}
	rule := func(group string, verbs []string, resources ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: verbs}
	}

	result := []room{{
		namespace: on.cluster, name: "cluster",
		member: []rbacv1.PolicyRule{rule(management.GroupVersion.Group, read, "projects")},
		owner:  []rbacv1.PolicyRule{rule(management.GroupVersion.Group, all, "projects", "clusterroletemplatebindings", "clusterregistrationtokens")},
	}}

	if on.provisioning.Name != "" {
		see := rule(provisioning.GroupVersion.Group, read, "clusters")
		see.ResourceNames = []string{on.provisioning.Name}
		result = append(result, room{
			namespace: on.provisioning.Namespace, name: on.cluster + "-provisioning",
			member: []rbacv1.PolicyRule{see}, owner: []rbacv1.PolicyRule{see},
		})
	}

	for _, project := range on.projects {
		result = append(result, room{
			namespace: BackingNamespace(on.cluster, project), name: "project",
			owner: []rbacv1.PolicyRule{rule(management.GroupVersion.Group, all, "projectroletemplatebindings")},
		})
	}

	return result
}

// inside are the rights in the namespaces of a cluster on the hub: members see
// the projects and the provisioning cluster, owners also give rights.
func inside(on onHub) (roles, bindings []client.Object) {
	for _, room := range rooms(on) {
		for suffix, rules := range map[string][]rbacv1.PolicyRule{"-member": room.member, "-owner": room.owner} {
			if len(rules) == 0 {
				continue
			}

			roles = append(roles, &rbacv1.Role{
				ObjectMeta: metav1.ObjectMeta{Namespace: room.namespace, Name: room.name + suffix, Labels: hubLabels(on.cluster)}, Rules: rules,
			})
		}

		for _, m := range on.who {
			role, rules := room.name+"-member", room.member
			if m.owner {
				role, rules = room.name+"-owner", room.owner
			}

			if len(rules) == 0 {
				continue
			}

			bindings = append(bindings, &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{
					Namespace: room.namespace, Name: name("rb", on.cluster, m.subject.Kind, m.subject.Name), Labels: hubLabels(on.cluster),
				},
				RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role}, Subjects: []rbacv1.Subject{m.subject},
			})
		}
	}

	return roles, bindings
}

// reconcileUser writes what a user may do on the hub itself: see himself, and what
// his global roles say.
func (r *Registry) reconcileUser(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	user := &management.User{}
	if err := r.cached.Get(ctx, req.NamespacedName, user); client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, fmt.Errorf("read user %s: %w", req.Name, err)
	}

	gone, err := r.gone(ctx, req.Name, user)
	if err != nil {
		return ctrl.Result{}, err
	}

	if gone {
		if err := r.forgetUser(ctx, req.Name); err != nil {
			return ctrl.Result{}, err
		}
	}

	var (
		globals management.GlobalRoleBindingList
		known   management.GlobalRoleList
	)
	if err := errors.Join(r.cached.List(ctx, &globals), r.cached.List(ctx, &known)); err != nil {
		return ctrl.Result{}, fmt.Errorf("read the global rights of %s: %w", req.Name, err)
	}

	var roles, bindings []client.Object

	if !gone {
		roles, bindings = global(req.Name, globals.Items, known.Items)
	}

	scope := client.MatchingLabels{LabelOwned: ownedHub, labelScope: "user-" + req.Name}

	return ctrl.Result{}, errors.Join(
		bring(ctx, r.live, &rbacv1.ClusterRoleList{}, roles, scope),
		bring(ctx, r.live, &rbacv1.ClusterRoleBindingList{}, bindings, scope),
	)
}

// gone tells whether a user is no more. A user who was made a moment ago may not be
// in the cache yet while a binding of his is, for no order holds between kinds; so
// before anything of his is removed, the API server itself is asked.
func (r *Registry) gone(ctx context.Context, name string, cached *management.User) (bool, error) {
	if cached.Name != "" {
		return cached.DeletionTimestamp != nil, nil
	}

	now := &management.User{}

	err := r.live.Get(ctx, client.ObjectKey{Name: name}, now)
	if client.IgnoreNotFound(err) != nil {
		return false, fmt.Errorf("read user %s: %w", name, err)
	}

	return err != nil || now.DeletionTimestamp != nil, nil
}

// global are a user's own ClusterRoles: one to see himself, one for each of his
// global roles.
func global(user string, bindings []management.GlobalRoleBinding, known []management.GlobalRole) (roles, bound []client.Object) {
	give := func(name string, rules []rbacv1.PolicyRule) {
		meta := metav1.ObjectMeta{Name: name, Labels: hubLabels("user-" + user)}
		roles = append(roles, &rbacv1.ClusterRole{ObjectMeta: meta, Rules: rules})
		bound = append(bound, &rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: roleRef(name), Subjects: []rbacv1.Subject{userSubject(user)}})
	}

	give(user+"-view", []rbacv1.PolicyRule{{
		APIGroups: []string{management.GroupVersion.Group}, Resources: []string{"users"}, ResourceNames: []string{user},
		Verbs: []string{"get", "list", "watch"},
	}})

	for i := range bindings {
		if bindings[i].UserName != user || bindings[i].DeletionTimestamp != nil {
			continue
		}

		for j := range known {
			if known[j].Name == bindings[i].GlobalRoleName && len(known[j].Rules) > 0 {
				give("cattle-globalrolebinding-"+bindings[i].Name, known[j].Rules)
			}
		}
	}

	return roles, bound
}

// forgetUser removes what a user who is gone leaves: tokens, password, bindings.
func (r *Registry) forgetUser(ctx context.Context, user string) error {
	var (
		tokens   management.TokenList
		globals  management.GlobalRoleBindingList
		clusters management.ClusterRoleTemplateBindingList
		projects management.ProjectRoleTemplateBindingList
	)
	if err := errors.Join(r.live.List(ctx, &tokens), r.live.List(ctx, &globals), r.live.List(ctx, &clusters), r.live.List(ctx, &projects)); err != nil {
		return fmt.Errorf("read what user %s leaves: %w", user, err)
	}

	leftovers := []client.Object{
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "cattle-local-user-passwords", Name: user}},
	}

	for i := range tokens.Items {
		if tokens.Items[i].UserID == user {
			leftovers = append(leftovers, &tokens.Items[i])
		}
	}

	for i := range globals.Items {
		if globals.Items[i].UserName == user {
			leftovers = append(leftovers, &globals.Items[i])
		}
	}

	for i := range clusters.Items {
		if clusters.Items[i].UserName == user {
			leftovers = append(leftovers, &clusters.Items[i])
		}
	}

	for i := range projects.Items {
		if projects.Items[i].UserName == user {
			leftovers = append(leftovers, &projects.Items[i])
		}
	}

	for _, object := range leftovers {
		if err := r.live.Delete(ctx, object); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("remove what user %s leaves: %w", user, err)
		}
	}

	return nil
}

func hubLabels(scope string) map[string]string {
	result := labels()
	result[LabelOwned], result[labelScope] = ownedHub, scope

	return result
}
