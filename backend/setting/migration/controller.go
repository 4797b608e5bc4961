package migration

import (
	"context"
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// owner is who applies the configuration.
const owner = client.FieldOwner("croft-migration")

// Controller configures KubeVirt.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Live finds the installation.
	Live client.Reader
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Live: manager.GetAPIReader()}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	ours := predicate.NewPredicateFuncs(func(object client.Object) bool { return object.GetName() == harvesterv1.SettingMigration })
	return ctrl.NewControllerManagedBy(manager).
		Named("setting-migration").
		For(&harvesterv1.Setting{}, builder.WithPredicates(ours, predicate.GenerationChangedPredicate{})).
		Complete(c)
}

// Reconcile configures every installation there is: one.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	setting := &harvesterv1.Setting{}
	if err := c.Client.Get(ctx, request.NamespacedName, setting); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	wanted, invalid := wanted(setting)
	if invalid {
		return ctrl.Result{}, nil // the setting says so itself
	}
	installations := &kubevirt.KubeVirtList{}
	if err := c.Live.List(ctx, installations); err != nil {
		return ctrl.Result{}, fmt.Errorf("find KubeVirt: %w", err)
	}
	for i := range installations.Items {
		if err := c.configure(ctx, &installations.Items[i], wanted); err != nil {
			return ctrl.Result{}, err
		}
	}
	return ctrl.Result{}, nil
}

// wanted is how machines are to be migrated; nil: as KubeVirt was installed.
func wanted(setting *harvesterv1.Setting) (configuration *kubevirt.MigrationConfiguration, invalid bool) {
	if setting.Value == "" {
		return nil, false
	}
	configuration, err := kubevirt.ParseMigrationConfiguration(setting.Value)
	return configuration, err != nil
}

func (c *Controller) configure(ctx context.Context, kv *kubevirt.KubeVirt, wanted *kubevirt.MigrationConfiguration) error {
	if wanted == nil && !configured(kv) {
		return nil
	}
	applied, err := kubevirt.Configured(client.ObjectKeyFromObject(kv), wanted)
	if err != nil {
		return err
	}
	if err := c.Client.Apply(ctx, applied, owner, client.ForceOwnership); err != nil {
		return fmt.Errorf("configure how KubeVirt migrates: %w", err)
	}
	return nil
}

// configured says whether the setting was in force before.
func configured(kv *kubevirt.KubeVirt) bool {
	return slices.ContainsFunc(kv.ManagedFields, func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Manager == string(owner) && entry.Operation == metav1.ManagedFieldsOperationApply
	})
}
