package registration

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"crofthci.io/croft/fleet/standalone/downstream"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

// annotationCreator names the user who made an object.
const annotationCreator = "field.cattle.io/creatorId"

// leaveTime bounds how long a cluster that leaves is cleaned up.
const leaveTime = 20 * time.Second

// registrar keeps what belongs to a management cluster: its namespace, its
// registration token, its conditions.
type registrar struct {
	Options
	cached client.Client
}

// Reconcile sets one cluster up, asks it how it is, or takes it down.
func (r *registrar) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	cluster := &management.Cluster{}
	if err := r.cached.Get(ctx, req.NamespacedName, cluster); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}

	if cluster.DeletionTimestamp != nil {
		return ctrl.Result{}, r.remove(ctx, cluster)
	}

	if err := r.hold(ctx, cluster); err != nil {
		return ctrl.Result{}, err
	}

	if err := r.ensureNamespace(ctx, cluster); err != nil {
		return ctrl.Result{}, err
	}

	if cluster.Name == management.LocalCluster {
		return ctrl.Result{}, r.showLocal(ctx, cluster)
	}

	if err := r.ensureToken(ctx, cluster); err != nil {
		return ctrl.Result{}, err
	}

	if err := r.ensureProvisioning(ctx, cluster); err != nil {
		return ctrl.Result{}, err
	}

	return r.show(ctx, cluster)
}

func (r *registrar) hold(ctx context.Context, cluster *management.Cluster) error {
	if cluster.Name == management.LocalCluster || controllerutil.ContainsFinalizer(cluster, finalizer) {
		return nil
	}

	before := cluster.DeepCopy()
	controllerutil.AddFinalizer(cluster, finalizer)

	if err := r.cached.Patch(ctx, cluster, locked(before)); err != nil {
		return fmt.Errorf("hold cluster %s: %w", cluster.Name, err)
	}

	return nil
}

// ensureNamespace makes the namespace for what belongs to the cluster on the hub.
func (r *registrar) ensureNamespace(ctx context.Context, cluster *management.Cluster) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: cluster.Name, Annotations: map[string]string{"management.cattle.io/system-namespace": "true"},
	}}
	if err := r.Live.Create(ctx, namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("namespace of cluster %s: %w", cluster.Name, err)
	}

	return nil
}

func (r *registrar) ensureToken(ctx context.Context, cluster *management.Cluster) error {
	token := &management.ClusterRegistrationToken{
		ObjectMeta: metav1.ObjectMeta{Namespace: cluster.Name, Name: DefaultToken},
		Spec:       management.ClusterRegistrationTokenSpec{ClusterName: cluster.Name},
	}

	err := r.cached.Get(ctx, client.ObjectKeyFromObject(token), &management.ClusterRegistrationToken{})
	if !apierrors.IsNotFound(err) {
		return err
	}

	if err := r.Live.Create(ctx, token); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("registration token of cluster %s: %w", cluster.Name, err)
	}

	return nil
}

// ensureProvisioning makes the provisioning cluster of a cluster that was created
// the old way, by POST /v3/clusters; pages list only those.
func (r *registrar) ensureProvisioning(ctx context.Context, cluster *management.Cluster) error {
	if cluster.Annotations[annotationOwner] != "" {
		return nil
	}

	asked := &provisioning.Cluster{ObjectMeta: metav1.ObjectMeta{
		Namespace: provisioning.DefaultNamespace, Name: cluster.Name, Labels: maps.Clone(cluster.Labels),
		Annotations: map[string]string{annotationCluster: cluster.Name},
	}}
	if err := r.Live.Create(ctx, asked); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("provisioning cluster of %s: %w", cluster.Name, err)
	}

	owned := cluster.DeepCopy()
	own(owned, asked)

	if err := r.Live.Patch(ctx, owned, client.MergeFrom(cluster)); err != nil {
		return fmt.Errorf("name the provisioning cluster of %s: %w", cluster.Name, err)
	}

	owned.DeepCopyInto(cluster)

	return nil
}

// show asks the cluster how it is and writes that down, only where it changed.
func (r *registrar) show(ctx context.Context, cluster *management.Cluster) (ctrl.Result, error) {
	now := r.Now()
	before := cluster.DeepCopy()

	seen := r.look(ctx, cluster.Name)
	cluster.Status.Driver = "imported"
	seen.write(&cluster.Status, now)

	if equality.Semantic.DeepEqual(before.Status, cluster.Status) {
		return seen.again(cluster.Status.Conditions, now), r.label(ctx, cluster)
	}

	if err := r.cached.Status().Patch(ctx, cluster, client.MergeFrom(before)); err != nil {
		return ctrl.Result{}, fmt.Errorf("status of cluster %s: %w", cluster.Name, err)
	}

	return seen.again(cluster.Status.Conditions, now), r.label(ctx, cluster)
}

// label repeats the provider as a label, by which others select sites.
func (r *registrar) label(ctx context.Context, cluster *management.Cluster) error {
	provider := cluster.Status.Provider
	if provider == "" || cluster.Labels[management.LabelProvider] == provider {
		return nil
	}

	before := cluster.DeepCopy()
	if cluster.Labels == nil {
		cluster.Labels = map[string]string{}
	}

	cluster.Labels[management.LabelProvider] = provider

	if err := r.cached.Patch(ctx, cluster, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("label cluster %s: %w", cluster.Name, err)
	}

	return nil
}

// showLocal says of the hub itself what is true as long as somebody can read it.
func (r *registrar) showLocal(ctx context.Context, cluster *management.Cluster) error {
	before := cluster.DeepCopy()
	cluster.Status.Driver = "local"

	for _, kind := range []string{management.ConditionProvisioned, management.ConditionConnected, management.ConditionReady} {
		cluster.Status.Conditions, _ = management.SetCondition(cluster.Status.Conditions,
			management.Condition{Type: kind, Status: corev1.ConditionTrue}, r.Now())
	}

	if equality.Semantic.DeepEqual(before.Status, cluster.Status) {
		return nil
	}

	return r.cached.Status().Patch(ctx, cluster, client.MergeFrom(before))
}

// remove takes everything of a cluster away: first what was written into it, then
// its tunnels, then what the hub keeps.
func (r *registrar) remove(ctx context.Context, remembered *management.Cluster) error {
	cluster, err := r.leaving(ctx, remembered)
	if cluster == nil || err != nil {
		return err
	}

	if r.Leaving != nil && r.Clusters.Connected(cluster.Name) {
		bounded, cancel := context.WithTimeout(ctx, leaveTime)
		defer cancel()

		// A cluster that cannot be reached must still be removable.
		if err := r.Leaving(bounded, cluster.Name); err != nil {
			ctrl.LoggerFrom(ctx).Info("The cluster could not be cleaned up", "error", err.Error())
		}
	}

	if err := r.revoke(ctx, cluster.Name); err != nil {
		return err
	}

	if err := r.removeProvisioning(ctx, cluster); err != nil {
		return err
	}

	before := cluster.DeepCopy()
	controllerutil.RemoveFinalizer(cluster, finalizer)

	if err := r.Live.Patch(ctx, cluster, locked(before)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("let go of cluster %s: %w", cluster.Name, err)
	}

	return nil
}

// leaving is a cluster that leaves as it is now, or none. What is taken away goes by
// the cluster's name: one that is remembered may be gone, and its name another's.
func (r *registrar) leaving(ctx context.Context, remembered *management.Cluster) (*management.Cluster, error) {
	now := &management.Cluster{}

	err := r.Live.Get(ctx, client.ObjectKeyFromObject(remembered), now)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("read cluster %s: %w", remembered.Name, err)
	}

	if err != nil || now.UID != remembered.UID || now.DeletionTimestamp == nil || !controllerutil.ContainsFinalizer(now, finalizer) {
		return nil, nil //nolint:nilnil // nothing is left to do.
	}

	return now, nil
}

// removeProvisioning deletes the provisioning cluster too: who deletes the
// management cluster means both, and what is left would make it anew. The
// annotation is no proof, for the cluster's owners may write it: the provisioning
// cluster must say the same.
func (r *registrar) removeProvisioning(ctx context.Context, cluster *management.Cluster) error {
	asked := &provisioning.Cluster{}
	name := ownerKey(cluster)

	if name.Name == "" {
		return nil
	}

	err := r.Live.Get(ctx, name, asked)
	if err == nil && managementName(asked) == cluster.Name {
		err = r.Live.Delete(ctx, asked, this(asked))
	}

	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("delete the provisioning cluster of %s: %w", cluster.Name, err)
	}

	return nil
}

// revoke ends tokens and tunnels and deletes credential and namespace.
func (r *registrar) revoke(ctx context.Context, cluster string) error {
	err := r.Live.DeleteAllOf(ctx, &management.ClusterRegistrationToken{}, client.InNamespace(cluster))
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("revoke the registration of cluster %s: %w", cluster, err)
	}

	r.Clusters.Tunnel.Cut(downstream.Key(cluster))
	r.Clusters.Tunnel.Cut(downstream.SteveKey(cluster))
	r.Clusters.Forget(cluster)

	for _, object := range []client.Object{&management.ClusterRoleTemplateBinding{}, &management.Project{}} {
		if err := r.Live.DeleteAllOf(ctx, object, client.InNamespace(cluster)); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete what belongs to cluster %s: %w", cluster, err)
		}
	}

	if err := r.removeProjectBindings(ctx, cluster); err != nil {
		return err
	}

	leftovers := []client.Object{
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: downstream.CredentialNamespace, Name: credentialName(cluster)}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: cluster}},
	}
	for _, object := range leftovers {
		if err := r.Live.Delete(ctx, object); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete %s of cluster %s: %w", object.GetName(), cluster, err)
		}
	}

	return nil
}

// removeProjectBindings deletes the bindings on a cluster's projects, which are
// outside of its namespace. Their own namespaces go with the projects.
func (r *registrar) removeProjectBindings(ctx context.Context, cluster string) error {
	var all management.ProjectRoleTemplateBindingList
	if err := r.Live.List(ctx, &all); err != nil {
		return fmt.Errorf("list the project bindings of cluster %s: %w", cluster, err)
	}

	for i := range all.Items {
		if !strings.HasPrefix(all.Items[i].ProjectName, cluster+":") {
			continue
		}

		if err := r.Live.Delete(ctx, &all.Items[i], this(&all.Items[i])); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("delete project binding %s of cluster %s: %w", all.Items[i].Name, cluster, err)
		}
	}

	return nil
}
