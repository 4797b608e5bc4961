package configure

import (
	"context"
	"fmt"
	"time"

	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"crofthci.io/croft/backend/setting"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Defaults makes every setting there is, once at the start of the leader. Values that people have set stay.
type Defaults struct {
	// Client reads and writes as the controller.
	Client client.Client
	// ServerVersion is the Harvester release that clients are told.
	ServerVersion string
}

var _ manager.Runnable = (*Defaults)(nil)

// SetUp adds the settings to what the manager does when it becomes the leader.
func (d *Defaults) SetUp(to ctrl.Manager) error {
	return to.Add(d)
}

// patience is how often the settings are tried: their own webhook is served by this process and its like, and may take a
// moment to be reached.
var patience = wait.Backoff{Duration: 200 * time.Millisecond, Factor: 1.5, Steps: 15}

// Start makes the settings.
func (d *Defaults) Start(ctx context.Context) error {
	var last error
	err := wait.ExponentialBackoffWithContext(ctx, patience, func(ctx context.Context) (bool, error) {
		last = d.ensureAll(ctx)
		return last == nil, nil
	})
	if err != nil && ctx.Err() == nil {
		return last
	}
	return nil
}

func (d *Defaults) ensureAll(ctx context.Context) error {
	class, err := d.defaultClass(ctx)
	if err != nil {
		return err
	}
	for _, known := range setting.All {
		switch {
		case known.Name == harvesterv1.SettingServerVersion:
			known.Default = d.ServerVersion
		case known.Name == harvesterv1.SettingDefaultStorageClass && class != "":
			known.Default = class
		}
		if err := d.ensure(ctx, known); err != nil {
			return fmt.Errorf("make setting %s: %w", known.Name, err)
		}
	}
	return nil
}

func (d *Defaults) ensure(ctx context.Context, known setting.Known) error {
	present := &harvesterv1.Setting{}
	err := d.Client.Get(ctx, client.ObjectKey{Name: known.Name}, present)
	if apierrors.IsNotFound(err) {
		made := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: known.Name}, Default: known.Default}
		pin(made)
		return d.Client.Create(ctx, made)
	}
	if err != nil {
		return err
	}
	before := present.DeepCopy()
	present.Default = known.Default
	pin(present)
	if before.Default == present.Default && before.Value == present.Value {
		return nil
	}
	return d.Client.Patch(ctx, present, client.MergeFrom(before))
}

// pin writes the value that is the server's own to say. Clients read the version from value and know no default.
func pin(object *harvesterv1.Setting) {
	if object.Name == harvesterv1.SettingServerVersion {
		object.Value = object.Default
	}
}

// defaultClass is the site's default storage class, "" when there is none.
func (d *Defaults) defaultClass(ctx context.Context) (string, error) {
	classes := &storagev1.StorageClassList{}
	if err := d.Client.List(ctx, classes); err != nil {
		return "", fmt.Errorf("find the default storage class: %w", err)
	}
	for i := range classes.Items {
		if classes.Items[i].Annotations[harvesterv1.AnnotationDefaultClass] == "true" {
			return classes.Items[i].Name, nil
		}
	}
	return "", nil
}
