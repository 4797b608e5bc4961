package halt

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// ReasonInsufficient is the reason of the event on a machine that there was no room for.
const ReasonInsufficient = "InsufficientResourceQuota"

// Controller switches machines off that there is no room for.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Live reads instances: what is known of thousands of them is not kept for the few that find no room.
	Live client.Reader
	// Events tells people what happened.
	Events events.EventRecorder
	// Now is the clock.
	Now func() time.Time
}

// New is a controller on the manager's client, with the real clock.
func New(manager ctrl.Manager) *Controller {
	return &Controller{
		Client: manager.GetClient(), Live: manager.GetAPIReader(), Events: manager.GetEventRecorder("croft-quota"), Now: time.Now,
	}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	concerned := predicate.NewPredicateFuncs(func(object client.Object) bool {
		vm := object.(*kubevirt.VirtualMachine)
		return over(vm) || Told(vm)
	})
	return ctrl.NewControllerManagedBy(manager).
		Named("quota-halt").
		For(&kubevirt.VirtualMachine{}, builder.WithPredicates(concerned)).
		Complete(c)
}

// Reconcile looks at one machine.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	vm := &kubevirt.VirtualMachine{}
	if err := c.Client.Get(ctx, request.NamespacedName, vm); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if over(vm) {
		return phase.Result(c.write(ctx, vm, func() { delete(vm.Annotations, harvesterv1.AnnotationInsufficientQuota) }))
	}
	vmi, err := c.instance(ctx, vm)
	if err != nil {
		return ctrl.Result{}, err
	}
	verdict := Judge(vm, vmi, c.Now())
	if verdict.Sentence == "" {
		return ctrl.Result{RequeueAfter: verdict.Wait}, nil
	}
	return phase.Result(c.halt(ctx, vm, verdict.Sentence))
}

// instance is the run of a machine, nil when there is none.
func (c *Controller) instance(ctx context.Context, vm *kubevirt.VirtualMachine) (*kubevirt.VirtualMachineInstance, error) {
	vmi := &kubevirt.VirtualMachineInstance{}
	err := c.Live.Get(ctx, client.ObjectKeyFromObject(vm), vmi)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the instance of machine %s: %w", client.ObjectKeyFromObject(vm), err)
	}
	return vmi, nil
}

// halt switches a machine off, remembers the run strategy that it goes back to when it is started, and says why.
func (c *Controller) halt(ctx context.Context, vm *kubevirt.VirtualMachine, sentence string) error {
	err := c.write(ctx, vm, func() {
		if vm.Annotations == nil {
			vm.Annotations = map[string]string{}
		}
		vm.Annotations[harvesterv1.AnnotationInsufficientQuota] = sentence
		if vm.Spec.RunStrategy == nil {
			vm.Spec.Running = ptr.To(false)
			return
		}
		vm.Annotations[harvesterv1.AnnotationRunStrategy] = string(*vm.Spec.RunStrategy)
		vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyHalted)
	})
	if err == nil {
		c.Events.Eventf(vm, nil, corev1.EventTypeWarning, ReasonInsufficient, "Halt", "%s", sentence)
	}
	return err
}

// write changes a machine, unless somebody else has changed it since.
func (c *Controller) write(ctx context.Context, vm *kubevirt.VirtualMachine, change func()) error {
	before := vm.DeepCopy()
	change()
	err := c.Client.Patch(ctx, vm, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	return client.IgnoreNotFound(err)
}
