package move

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// Reasons in events on a machine.
const (
	// ReasonMoved says that a volume has moved to another claim.
	ReasonMoved = "VolumeMoved"
	// ReasonMoving says that a volume is on its way.
	ReasonMoving = "VolumeMoving"
)

// lookAgain is how soon a machine is looked at again whose volume is on its way. KubeVirt tells of most changes in the
// machine's status, which is watched; of some it tells only in the instance's, which is not.
const lookAgain = 10 * time.Second

// Controller ends moves of volumes.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Direct reads what is not kept in memory: instances are many and change all the time, and few have volumes that move.
	Direct client.Reader
	// Events tells people what happened.
	Events events.EventRecorder
}

// New is a controller on the manager's client.
func New(manager ctrl.Manager) *Controller {
	return &Controller{
		Client: manager.GetClient(), Direct: manager.GetAPIReader(), Events: manager.GetEventRecorder("croft-move"),
	}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	moves := predicate.NewPredicateFuncs(func(vm client.Object) bool {
		return strings.Contains(vm.GetAnnotations()[harvesterv1.AnnotationVolumeClaimTemplates], `"targetVolume"`)
	})
	return ctrl.NewControllerManagedBy(manager).
		Named("virtualmachine-move").
		For(&kubevirt.VirtualMachine{}, builder.WithPredicates(moves)).
		Complete(c)
}

// Reconcile ends the moves of one machine that have come to their end.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	vm := &kubevirt.VirtualMachine{}
	if err := c.Client.Get(ctx, request.NamespacedName, vm); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if vm.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	for _, template := range claim.Moves(vm) {
		if err := c.end(ctx, vm, template); err != nil {
			return phase.Result(err)
		}
	}
	return ctrl.Result{}, nil
}

// end has a claim template follow its volume, when that has arrived.
func (c *Controller) end(ctx context.Context, vm *kubevirt.VirtualMachine, template claim.Template) error {
	vmi := &kubevirt.VirtualMachineInstance{}
	err := c.Direct.Get(ctx, client.ObjectKeyFromObject(vm), vmi)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("get the instance: %w", err)
	}
	if err != nil || !Arrived(vm, vmi, template) {
		return phase.Wait(ReasonMoving, lookAgain, "volume %s moves to %s", template.Name, template.TargetVolume)
	}
	target := &corev1.PersistentVolumeClaim{}
	err = c.Client.Get(ctx, types.NamespacedName{Namespace: vm.Namespace, Name: template.TargetVolume}, target)
	if apierrors.IsNotFound(err) {
		return phase.Wait(ReasonMoving, lookAgain, "volume %s is not known yet", template.TargetVolume)
	}
	if err != nil {
		return fmt.Errorf("get claim %s: %w", template.TargetVolume, err)
	}
	return c.follow(ctx, vm, template, target)
}

// follow writes the new claim into the machine's claim template.
func (c *Controller) follow(
	ctx context.Context, vm *kubevirt.VirtualMachine, template claim.Template, target *corev1.PersistentVolumeClaim,
) error {
	before := vm.DeepCopy()
	text, err := claim.Changed(vm, template.Name, func(entry map[string]any) { become(entry, target) })
	if err != nil {
		return err
	}
	vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates] = text
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := c.Client.Patch(ctx, vm, patch); err != nil {
		return fmt.Errorf("write claim template %s: %w", target.Name, err)
	}
	c.Events.Eventf(vm, target, corev1.EventTypeNormal, ReasonMoved, "StorageMigration", "%s",
		fmt.Sprintf("moved volume %s to %s; the old one stays and can be deleted", template.Name, target.Name))
	return nil
}
