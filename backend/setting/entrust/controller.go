package entrust

import (
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/setting/obey"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Controller moves the credentials.
type Controller struct {
	// Client reads settings, and writes, as the controller.
	Client client.Client
	// Live reads the secret, which no cache keeps.
	Live client.Reader
	// Namespace is where the secret is.
	Namespace string
}

// New is a controller on the manager's client, for the secret in a namespace.
func New(manager ctrl.Manager, namespace string) *Controller {
	return &Controller{Client: manager.GetClient(), Live: manager.GetAPIReader(), Namespace: namespace}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return obey.Setting(manager, "entrust", harvesterv1.SettingBackupTarget, c.obey)
}

// obey keeps the secret as the setting has it, and blanks the setting only then.
func (c *Controller) obey(ctx context.Context, setting *harvesterv1.Setting) error {
	wanted, invalid := parse(setting.Value)
	if invalid != nil {
		return nil // the setting says so itself
	}
	if err := c.keep(ctx, wanted); err != nil {
		return err
	}
	return c.blank(ctx, setting)
}

// keep writes the secret.
func (c *Controller) keep(ctx context.Context, wanted target) error {
	secret := &corev1.Secret{}
	err := c.Live.Get(ctx, client.ObjectKey{Namespace: c.Namespace, Name: SecretName}, secret)
	if client.IgnoreNotFound(err) == nil && err != nil && wanted == (target{}) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep the credentials of backup-target: %w", err)
	}
	before := secret.DeepCopy()
	secret.Data = wanted.kept(secret.Data)
	if maps.EqualFunc(before.Data, secret.Data, slices.Equal) {
		return nil
	}
	if err := c.Client.Patch(ctx, secret, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("keep the credentials of backup-target: %w", err)
	}
	return nil
}

// blank takes the credentials out of the setting as it was read: who has written others meanwhile has them moved, not
// lost. What kubectl remembers of the value goes too.
func (c *Controller) blank(ctx context.Context, setting *harvesterv1.Setting) error {
	value, err := blanked(setting.Value)
	if err != nil || value == setting.Value {
		return err
	}
	before := setting.DeepCopy()
	setting.Value = value
	delete(setting.Annotations, corev1.LastAppliedConfigAnnotation)
	if err := c.Client.Patch(ctx, setting, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("blank the credentials of backup-target: %w", err)
	}
	return nil
}
