package registration

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

// provisioner makes a management cluster for each provisioning cluster and shows
// there how it is.
type provisioner struct {
	cached client.Client
	live   client.Client
}

// Reconcile brings one provisioning cluster and its management cluster together.
func (p *provisioner) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	asked := &provisioning.Cluster{}
	if err := p.cached.Get(ctx, req.NamespacedName, asked); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}

	if asked.DeletionTimestamp != nil {
		return ctrl.Result{}, p.remove(ctx, asked)
	}

	if !controllerutil.ContainsFinalizer(asked, provisioningFinalizer) {
		before := asked.DeepCopy()
		controllerutil.AddFinalizer(asked, provisioningFinalizer)

		if err := p.cached.Patch(ctx, asked, locked(before)); err != nil {
			return ctrl.Result{}, fmt.Errorf("hold %s: %w", req, err)
		}
	}

	cluster, err := p.ensure(ctx, asked)
	if err != nil {
		return ctrl.Result{}, err
	}

	if cluster == nil {
		return ctrl.Result{}, nil // the watch on management clusters calls again
	}

	if err := p.tell(ctx, asked, cluster); err != nil {
		return ctrl.Result{}, err
	}

	return ctrl.Result{}, p.show(ctx, asked, cluster)
}

// tell says on the management cluster what kind of guest cluster it is, by which the dashboard tells its pools' form from
// that of a cluster that is imported.
func (p *provisioner) tell(ctx context.Context, asked *provisioning.Cluster, cluster *management.Cluster) error {
	guest := asked.Spec.Guest()
	if guest.Provider == "" {
		return nil
	}

	before := cluster.DeepCopy()
	cluster.Status.Provider = guest.Provider
	cluster.Status.Info = &management.ClusterInfo{MachineProvider: guest.MachineProvider}

	if equality.Semantic.DeepEqual(before.Status, cluster.Status) {
		return nil
	}

	if err := p.live.Status().Patch(ctx, cluster, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("status of cluster %s: %w", cluster.Name, err)
	}

	return nil
}

// ensure finds the management cluster, or makes it under a name that follows from
// the provisioning cluster's identity, so that a second try finds the first.
func (p *provisioner) ensure(ctx context.Context, asked *provisioning.Cluster) (*management.Cluster, error) {
	name := managementName(asked)
	found := &management.Cluster{}

	err := p.live.Get(ctx, client.ObjectKey{Name: name}, found)
	if err == nil {
		switch owner := ownerKey(found); {
		case owns(asked, found):
			return found, p.tie(ctx, asked, found)
		case owner.Name != "":
			return nil, fmt.Errorf("cluster %s belongs to the provisioning cluster %s", name, owner)
		default:
			return nil, nil //nolint:nilnil // nobody's yet: who wishes for it by an annotation has it when its registrar says so
		}
	}

	if !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("read cluster %s: %w", name, err)
	}

	made := &management.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: maps.Clone(asked.Labels)},
		Spec: management.ClusterSpec{
			DisplayName: asked.Name, FleetWorkspaceName: asked.Namespace,
			Description: asked.Annotations["field.cattle.io/description"],
		},
	}
	own(made, asked)

	if creator := asked.Annotations[annotationCreator]; creator != "" {
		made.Annotations[annotationCreator] = creator
	}

	if err := p.live.Create(ctx, made); err != nil {
		return nil, fmt.Errorf("create cluster %s: %w", name, err)
	}

	return made, nil
}

// tie keeps the labels of the provisioning cluster, and its name, on the management
// cluster; others may have put more there.
func (p *provisioner) tie(ctx context.Context, asked *provisioning.Cluster, cluster *management.Cluster) error {
	before := cluster.DeepCopy()

	if cluster.Labels == nil {
		cluster.Labels = map[string]string{}
	}

	maps.Copy(cluster.Labels, asked.Labels)
	own(cluster, asked)

	if maps.Equal(before.Labels, cluster.Labels) && maps.Equal(before.Annotations, cluster.Annotations) {
		return nil
	}

	if err := p.live.Patch(ctx, cluster, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("tie cluster %s to its provisioning cluster: %w", cluster.Name, err)
	}

	return nil
}

func (p *provisioner) show(ctx context.Context, asked *provisioning.Cluster, cluster *management.Cluster) error {
	before := asked.DeepCopy()
	asked.Status.ClusterName = cluster.Name
	asked.Status.ObservedGeneration = asked.Generation
	asked.Status.Ready = management.IsTrue(cluster.Status.Conditions, management.ConditionReady)
	asked.Status.AgentDeployed = cluster.Status.ServiceAccountTokenSecret != ""
	asked.Status.Conditions = cluster.Status.Conditions

	if equality.Semantic.DeepEqual(before.Status, asked.Status) {
		return nil
	}

	if err := p.cached.Status().Patch(ctx, asked, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("status of %s/%s: %w", asked.Namespace, asked.Name, err)
	}

	return nil
}

// remove deletes the management cluster and lets go once it is gone. A name that
// only an annotation gives is a wish; another's cluster is not deleted for it.
func (p *provisioner) remove(ctx context.Context, remembered *provisioning.Cluster) error {
	asked := &provisioning.Cluster{}
	if err := p.live.Get(ctx, client.ObjectKeyFromObject(remembered), asked); err != nil {
		return client.IgnoreNotFound(err)
	}

	// The one that is remembered may be gone, and its name another's.
	if asked.UID != remembered.UID || asked.DeletionTimestamp == nil {
		return nil
	}

	name := managementName(asked)
	cluster := &management.Cluster{}

	err := p.live.Get(ctx, client.ObjectKey{Name: name}, cluster)
	if err == nil && (asked.Status.ClusterName == name || ownerKey(cluster) == client.ObjectKeyFromObject(asked)) {
		// The watch on management clusters calls again when it is gone.
		return client.IgnoreNotFound(p.live.Delete(ctx, cluster, this(cluster)))
	}

	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read cluster %s: %w", name, err)
	}

	before := asked.DeepCopy()
	if !controllerutil.RemoveFinalizer(asked, provisioningFinalizer) {
		return nil
	}

	if err := p.live.Patch(ctx, asked, locked(before)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("let go of %s/%s: %w", asked.Namespace, asked.Name, err)
	}

	return nil
}

// managementName is the name that is known, or c-m- and eight letters that follow
// from the identity.
func managementName(asked *provisioning.Cluster) string {
	if name := cmp.Or(asked.Status.ClusterName, asked.Annotations[annotationCluster]); name != "" {
		return name
	}

	sum := sha256.Sum256([]byte(asked.UID))

	return "c-m-" + hex.EncodeToString(sum[:])[:8]
}
