package maintain

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// shut keeps new machines from the node and tells KubeVirt to move those that it moves itself.
func (c *Controller) shut(ctx context.Context, s *subject) error {
	return c.change(ctx, s, func(node *corev1.Node) {
		node.Spec.Unschedulable = true
		node.Spec.Taints, s.since = tainted(node.Spec.Taints, c.Now())
	})
}

// open takes back what shut has done, but for the cordon: whoever ends a maintenance says whether machines may come.
func (c *Controller) open(ctx context.Context, s *subject) error {
	return c.change(ctx, s, func(node *corev1.Node) {
		node.Spec.Taints = untainted(node.Spec.Taints)
		delete(node.Annotations, harvesterv1.AnnotationDrainForced)
		delete(node.Annotations, harvesterv1.AnnotationMaintainProblem)
	})
}

// complete says that no machine is left, or which are in the way.
func (c *Controller) complete(ctx context.Context, s *subject) error {
	if len(s.guests) > 0 {
		stuck := c.stuck(s)
		if err := c.change(ctx, s, func(node *corev1.Node) { tell(node, stuck) }); err != nil {
			return err
		}
		return phase.Wait("MachinesLeave", look, "%d machines are still on node %s", len(s.guests), s.Name)
	}
	if s.Annotations[harvesterv1.AnnotationMaintainStatus] == harvesterv1.MaintenanceCompleted {
		return nil
	}
	err := c.change(ctx, s, func(node *corev1.Node) {
		tell(node, "")
		node.Annotations[harvesterv1.AnnotationMaintainStatus] = harvesterv1.MaintenanceCompleted
	})
	if err == nil {
		c.Events.Eventf(s.Node, nil, corev1.EventTypeNormal, "MaintenanceCompleted", "Maintain", "No machine is left on the node.")
	}
	return err
}

// stuck is the sentence that names the machines that a person must do something about, "" when there are none.
func (c *Controller) stuck(s *subject) string {
	var each []string
	for _, guest := range s.guests {
		if deed, sentence := Plan(guest, s.forced, c.Now()); deed == Stuck {
			each = append(each, fmt.Sprintf("%s/%s %s", guest.VMI.Namespace, guest.VMI.Name, strings.TrimSuffix(sentence, ".")))
		}
	}
	if len(each) == 0 {
		return ""
	}
	return strings.Join(each, "; ") + ". Shut them down, or enable the maintenance mode with force."
}

func tell(node *corev1.Node, problem string) {
	if problem == "" {
		delete(node.Annotations, harvesterv1.AnnotationMaintainProblem)
		return
	}
	node.Annotations[harvesterv1.AnnotationMaintainProblem] = problem
}

// change writes what how does to the node, if it does anything and nobody else has changed the node since.
func (c *Controller) change(ctx context.Context, s *subject, how func(*corev1.Node)) error {
	before := s.Node.DeepCopy()
	how(s.Node)
	if equality.Semantic.DeepEqual(before, s.Node) {
		return nil
	}
	err := c.Client.Patch(ctx, s.Node, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if err != nil {
		return fmt.Errorf("change node %s: %w", s.Name, err)
	}
	return nil
}
