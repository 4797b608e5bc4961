package migration

import (
	"context"
	"fmt"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/setting/obey"
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
	return obey.Setting(manager, "migration", harvesterv1.SettingMigration, c.obey)
}

// obey configures every installation there is: one.
func (c *Controller) obey(ctx context.Context, setting *harvesterv1.Setting) error {
	wanted, invalid := wanted(setting)
	if invalid {
		return nil // the setting says so itself
	}
	installations := &kubevirt.KubeVirtList{}
	if err := c.Live.List(ctx, installations); err != nil {
		return fmt.Errorf("find KubeVirt: %w", err)
	}
	for i := range installations.Items {
		if err := c.configure(ctx, &installations.Items[i], wanted); err != nil {
			return err
		}
	}
	return nil
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
	if wanted == nil && !obey.Obeyed(kv, owner) {
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
