package importproxy

import (
	"context"
	"fmt"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/setting/obey"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/outside"
)

// owner is who applies the proxies.
const owner = client.FieldOwner("croft-import-proxy")

// Controller configures CDI.
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
	return obey.Setting(manager, "importproxy", harvesterv1.SettingHTTPProxy, c.obey)
}

// obey configures every installation there is: one.
func (c *Controller) obey(ctx context.Context, setting *harvesterv1.Setting) error {
	wanted, invalid := wanted(setting)
	if invalid != nil {
		return nil // the setting says so itself
	}
	installations := &cdi.InstallationList{}
	if err := c.Live.List(ctx, installations); err != nil {
		return fmt.Errorf("find CDI: %w", err)
	}
	for i := range installations.Items {
		if err := c.configure(ctx, &installations.Items[i], wanted); err != nil {
			return err
		}
	}
	return nil
}

// wanted is how importers are to reach the outside; nil: as CDI was installed.
func wanted(setting *harvesterv1.Setting) (*cdi.ImportProxy, error) {
	read, err := harvesterv1.ParseHTTPProxy(setting.Effective())
	if err != nil || read.None() {
		return nil, err
	}
	return &cdi.ImportProxy{HTTP: read.HTTP, HTTPS: read.HTTPS, No: outside.Way{Proxy: read}.NoProxy()}, nil
}

func (c *Controller) configure(ctx context.Context, installation *cdi.Installation, wanted *cdi.ImportProxy) error {
	if wanted == nil && !obey.Obeyed(installation, owner) {
		return nil
	}
	if err := c.Client.Apply(ctx, cdi.Proxied(installation.Name, wanted), owner, client.ForceOwnership); err != nil {
		return fmt.Errorf("tell CDI the proxies of its importers: %w", err)
	}
	return nil
}
