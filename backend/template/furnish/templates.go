package furnish

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Namespace is where everybody may read.
const Namespace = "harvester-public"

// Templates makes the templates of a new site, once at the start of the leader.
type Templates struct {
	// Client reads and writes as the controller.
	Client client.Client
}

var _ manager.Runnable = (*Templates)(nil)

// SetUp adds the templates to what the manager does when it becomes the leader.
func (f *Templates) SetUp(to ctrl.Manager) error {
	return to.Add(f)
}

// patience is how often the templates are tried: their own webhook is served by this process and its like, and may take a
// moment to be reached.
var patience = wait.Backoff{Duration: 200 * time.Millisecond, Factor: 1.5, Steps: 15}

// Start makes the templates.
func (f *Templates) Start(ctx context.Context) error {
	var last error
	err := wait.ExponentialBackoffWithContext(ctx, patience, func(ctx context.Context) (bool, error) {
		last = f.ensureAll(ctx)
		return last == nil, nil
	})
	if err != nil && ctx.Err() == nil {
		return last
	}
	return nil
}

func (f *Templates) ensureAll(ctx context.Context) error {
	for _, known := range All {
		if err := f.ensure(ctx, known); err != nil {
			return fmt.Errorf("make template %s: %w", known.Name, err)
		}
	}
	return nil
}

// ensure makes a template with its first version, unless the template has had a version before.
func (f *Templates) ensure(ctx context.Context, known Known) error {
	template := &harvesterv1.VirtualMachineTemplate{
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: known.Name},
		Spec:       harvesterv1.VirtualMachineTemplateSpec{Description: known.Description},
	}
	err := f.Client.Create(ctx, template)
	if apierrors.IsAlreadyExists(err) {
		err = f.Client.Get(ctx, client.ObjectKeyFromObject(template), template)
	}
	if err != nil || template.Status.LatestVersion > 0 || template.Spec.DefaultVersionID != "" {
		return err
	}
	machine, err := known.machine()
	if err != nil {
		return err
	}
	return client.IgnoreAlreadyExists(f.Client.Create(ctx, &harvesterv1.VirtualMachineTemplateVersion{
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: known.Version},
		Spec: harvesterv1.VirtualMachineTemplateVersionSpec{
			TemplateID: Namespace + "/" + known.Name, Description: known.Description, VM: runtime.RawExtension{Raw: machine},
		},
	}))
}
