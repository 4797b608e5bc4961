package right

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/downstream"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

// projectsEvery is how often the namespaces of a cluster with project bindings
// are looked through: they are moved between projects in the cluster, not here.
const projectsEvery = 5 * time.Second

// siteTime bounds how long a cluster may take over its rights.
const siteTime = 20 * time.Second

// reconcileCluster writes the rights of one cluster: on the hub always, in the
// cluster when it is connected.
func (r *Registry) reconcileCluster(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	cluster := &management.Cluster{}
	if err := r.cached.Get(ctx, req.NamespacedName, cluster); client.IgnoreNotFound(err) != nil {
		return ctrl.Result{}, fmt.Errorf("read cluster %s: %w", req.Name, err)
	}

	if cluster.Name == "" || cluster.DeletionTimestamp != nil {
		return ctrl.Result{}, r.applyHub(ctx, onHub{cluster: req.Name})
	}

	projects, err := r.projectsOf(ctx, cluster.Name)
	if err != nil {
		return ctrl.Result{}, err
	}

	given, err := r.given(ctx, cluster.Name, names(projects))
	if err != nil {
		return ctrl.Result{}, err
	}

	asked, err := r.provisioningOf(ctx, cluster.Name)
	if err != nil {
		return ctrl.Result{}, err
	}

	err = r.applyHub(ctx, onHub{cluster: cluster.Name, provisioning: asked, projects: names(projects), who: members(given)})
	if err != nil {
		return ctrl.Result{}, err
	}

	if err := r.tellBacking(ctx, projects); err != nil {
		return ctrl.Result{}, err
	}

	if cluster.Name == management.LocalCluster || !r.Clusters.Connected(cluster.Name) {
		return ctrl.Result{}, nil
	}

	if err := r.applySite(ctx, cluster.Name, given); err != nil {
		if errors.Is(err, downstream.ErrDisconnected) {
			return ctrl.Result{RequeueAfter: time.Second}, nil
		}

		return ctrl.Result{}, err
	}

	if len(given.Projects) > 0 {
		return ctrl.Result{RequeueAfter: projectsEvery}, nil
	}

	return ctrl.Result{}, nil
}

// provisioningOf is the provisioning cluster whose status names a cluster. What
// the cluster says of it is not asked: its owners may write that.
func (r *Registry) provisioningOf(ctx context.Context, cluster string) (client.ObjectKey, error) {
	var all provisioning.ClusterList
	if err := r.cached.List(ctx, &all); err != nil {
		return client.ObjectKey{}, fmt.Errorf("read the provisioning cluster of %s: %w", cluster, err)
	}

	for i := range all.Items {
		if all.Items[i].Status.ClusterName == cluster {
			return client.ObjectKeyFromObject(&all.Items[i]), nil
		}
	}

	return client.ObjectKey{}, nil
}

// given reads what decides the rights of a cluster with these projects, but for
// its namespaces.
func (r *Registry) given(ctx context.Context, cluster string, known []string) (Given, error) {
	var (
		clusters  management.ClusterRoleTemplateBindingList
		projects  management.ProjectRoleTemplateBindingList
		templates management.RoleTemplateList
		globals   management.GlobalRoleBindingList
		users     management.UserList
	)

	for _, list := range []client.ObjectList{&clusters, &projects, &templates, &globals, &users} {
		if err := r.cached.List(ctx, list); err != nil {
			return Given{}, fmt.Errorf("read the rights of cluster %s: %w", cluster, err)
		}
	}

	given := Given{Cluster: cluster, Templates: templates.Items, Admins: admins(globals.Items), Users: map[string]bool{}}
	for i := range users.Items {
		if users.Items[i].DeletionTimestamp == nil {
			given.Users[users.Items[i].Name] = true
		}
	}

	// Only in the namespace of the cluster does a binding count: who may write
	// there may give rights there.
	for i := range clusters.Items {
		have := &clusters.Items[i]
		if have.ClusterName == cluster && have.Namespace == cluster && have.DeletionTimestamp == nil {
			given.Clusters = append(given.Clusters, *have)
		}
	}

	for i := range projects.Items {
		have := &projects.Items[i]
		in, project := SplitProject(have.ProjectName)

		// A project that is gone gives nothing, whatever it left.
		if in == cluster && slices.Contains(known, project) && have.DeletionTimestamp == nil &&
			(have.Namespace == project || have.Namespace == BackingNamespace(cluster, project)) {
			given.Projects = append(given.Projects, *have)
		}
	}

	return given, nil
}

// applySite brings a cluster to what is wanted.
func (r *Registry) applySite(ctx context.Context, cluster string, given Given) error {
	ctx, cancel := context.WithTimeout(ctx, siteTime)
	defer cancel()

	site, err := r.site(ctx, cluster)
	if err != nil {
		return err
	}

	if len(given.Projects) > 0 {
		given.Namespaces, err = namespacesOf(ctx, site, cluster)
		if err != nil {
			return err
		}
	}

	want, ours := Want(given), client.MatchingLabels{LabelOwned: ownedSite}

	return errors.Join(
		bring(ctx, site, &rbacv1.ClusterRoleList{}, pointers(want.Roles), ours),
		bring(ctx, site, &rbacv1.ClusterRoleBindingList{}, pointers(want.ClusterBindings), ours),
		bring(ctx, site, &rbacv1.RoleBindingList{}, pointers(want.Bindings), ours),
	)
}

func (r *Registry) site(ctx context.Context, cluster string) (client.Client, error) {
	config, own, err := r.Clusters.Client(ctx, cluster)
	if err != nil {
		return nil, err
	}

	site, err := client.New(config, client.Options{HTTPClient: own, Scheme: r.live.Scheme(), Mapper: r.live.RESTMapper()})
	if err != nil {
		return nil, fmt.Errorf("client of cluster %s: %w", cluster, err)
	}

	return site, nil
}

// namespacesOf are the namespaces of a cluster by project.
func namespacesOf(ctx context.Context, site client.Client, cluster string) (map[string][]string, error) {
	all := &metav1.PartialObjectMetadataList{}
	all.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("NamespaceList"))

	if err := site.List(ctx, all); err != nil {
		return nil, fmt.Errorf("list the namespaces of cluster %s: %w", cluster, err)
	}

	result := map[string][]string{}

	for i := range all.Items {
		in, project := SplitProject(all.Items[i].Annotations[management.AnnotationProjectID])
		if in == cluster && project != "" && all.Items[i].DeletionTimestamp == nil {
			result[project] = append(result[project], all.Items[i].Name)
		}
	}

	return result, nil
}

// Leave removes from a cluster what this hub wrote into it: the rights, the
// agent's Deployment and Secrets. The agent's own right goes last, for it is the
// one by which all this is removed.
func (r *Registry) Leave(ctx context.Context, cluster string) error {
	site, err := r.site(ctx, cluster)
	if err != nil {
		return err
	}

	ours := client.MatchingLabels{LabelOwned: ownedSite}
	err = errors.Join(
		bring(ctx, site, &rbacv1.RoleBindingList{}, nil, ours),
		bring(ctx, site, &rbacv1.ClusterRoleBindingList{}, nil, ours),
		bring(ctx, site, &rbacv1.ClusterRoleList{}, nil, ours),
	)

	return errors.Join(err, removeAgent(ctx, site))
}
