package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// MaintenanceInput says how a node goes into maintenance.
type MaintenanceInput struct {
	// Force, "true" or "false", shuts down the machines that cannot be moved.
	Force string `json:"force,omitempty"`
}

func maintenancePossible(_ context.Context, _ capability.Caller, n Node) error {
	if sentence := unlessInService(n); sentence != "" {
		return conflict(n, sentence)
	}
	return nil
}

// enableMaintenance begins a maintenance: the controller in maintain does the rest.
func enableMaintenance(ctx context.Context, caller capability.Caller, n Node, input MaintenanceInput) error {
	if !slices.Contains([]string{"", "true", "false"}, input.Force) {
		return capability.Refuse("force", `force must be "true" or "false", not %q.`, input.Force)
	}
	forced := input.Force == "true"
	if !forced {
		stuck, err := listUnhealthy(ctx, caller, n)
		if err != nil {
			return err
		}
		if len(stuck) > 0 {
			return conflict(n, inTheWay(stuck))
		}
	}
	return patch(ctx, caller, n, func(node *corev1.Node) {
		node.Spec.Unschedulable = true
		node.Annotations = maps.Clone(node.Annotations)
		if node.Annotations == nil {
			node.Annotations = map[string]string{}
		}
		node.Annotations[harvesterv1.AnnotationMaintainStatus] = harvesterv1.MaintenanceRunning
		delete(node.Annotations, harvesterv1.AnnotationMaintainProblem)
		if forced {
			node.Annotations[harvesterv1.AnnotationDrainForced] = "true"
		}
	})
}

// inTheWay is the refusal of a maintenance by the machines that it would harm.
func inTheWay(stuck []UnhealthyMachines) string {
	each := make([]string, 0, len(stuck))
	for _, machines := range stuck {
		each = append(each, fmt.Sprintf("%s: %s", strings.Join(machines.VMs, ", "), strings.TrimSuffix(machines.Message, ".")))
	}
	return "Some machines cannot do without the node. " + strings.Join(each, "; ") + ". Shut them down, or use force."
}

func disableMaintenance(ctx context.Context, caller capability.Caller, n Node) error {
	return patch(ctx, caller, n, func(node *corev1.Node) {
		node.Spec.Unschedulable = false
		delete(node.Annotations, harvesterv1.AnnotationMaintainStatus)
	})
}

// conflict refuses what cannot be done now.
func conflict(n Node, sentence string) error {
	refusal := apierrors.NewConflict(corev1.Resource(nodes), n.Name, errors.New(sentence))
	refusal.ErrStatus.Message = sentence
	return refusal
}
