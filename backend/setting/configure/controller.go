package configure

import (
	"context"
	"fmt"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// Reasons of the condition configured.
const (
	// ReasonInForce says that the value is acted upon.
	ReasonInForce = "InForce"
	// ReasonDefault says that the default is acted upon.
	ReasonDefault = "Default"
	// ReasonInvalid says that the value cannot be read; the message says why.
	ReasonInvalid = "Invalid"
	// ReasonPartlyServed says that a part of the value is only kept; the message says which.
	ReasonPartlyServed = "PartlyServed"
	// ReasonNotServed says that the value is kept and nothing here acts on it.
	ReasonNotServed = "NotServed"
)

// Controller says what became of the value of a setting.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Now is the clock.
	Now func() time.Time
}

// New is a controller with the real clock.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Now: time.Now}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).Named("setting-configure").For(&harvesterv1.Setting{}).Complete(c)
}

// Reconcile looks at one setting.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := &harvesterv1.Setting{}
	if err := c.Client.Get(ctx, request.NamespacedName, object); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	return phase.Result(phase.Run(ctx, object,
		c.mark,
		c.judge,
	))
}

// mark says whether a person has changed the value.
func (c *Controller) mark(ctx context.Context, object *harvesterv1.Setting) error {
	before := object.DeepCopy()
	object.Customized = object.Value != "" && object.Value != object.Default
	if object.Customized == before.Customized {
		return nil
	}
	if err := c.Client.Patch(ctx, object, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("mark setting %s: %w", object.Name, err)
	}
	return nil
}

// judge says whether the value was accepted.
func (c *Controller) judge(ctx context.Context, object *harvesterv1.Setting) error {
	before := object.DeepCopy()
	object.Status.ObservedGeneration = object.Generation
	object.Status.Conditions = harvesterv1.SetConditions(object.Status.Conditions, verdict(object), c.Now())
	return phase.PatchStatus(ctx, c.Client, before, object)
}
