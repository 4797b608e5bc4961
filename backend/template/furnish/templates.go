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
	// Pause is how long to wait after a failure; zero for a second, and up to a minute.
	Pause wait.Backoff
}

var _ manager.Runnable = (*Templates)(nil)

// SetUp adds the templates to what the manager does when it becomes the leader.
func (f *Templates) SetUp(to ctrl.Manager) error {
	return to.Add(f)
}

// patient tries after growing pauses, and for ever: the templates' own webhook is served by this process and its like and
// may take a moment to be reached, and their namespace may have been taken away.
var patient = wait.Backoff{Duration: time.Second, Factor: 1.5, Steps: 100, Cap: time.Minute}

// Start makes the templates. It does not fail: all controllers of the site would end with it.
func (f *Templates) Start(ctx context.Context) error {
	pause := f.Pause
	if pause.Duration == 0 {
		pause = patient
	}
	// It ends with the context alone, or when all is there.
	_ = pause.DelayFunc().Until(ctx, true, true, func(ctx context.Context) (bool, error) {
		err := f.ensureAll(ctx)
		if err != nil {
			ctrl.LoggerFrom(ctx).Info("the templates of a new site are not there yet", "error", err.Error())
		}
		return err == nil, nil
	})
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
