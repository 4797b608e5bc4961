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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/node/maintain"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// MaintenanceInput says how a node goes into maintenance.
type MaintenanceInput struct {
	// Force, "true" or "false", shuts down the machines that cannot be moved.
	Force string `json:"force,omitempty"`
}

// UnhealthyMachines are machines that cannot be moved, for the same reason.
type UnhealthyMachines struct {
	// Message is the reason.
	Message string `json:"message"`
	// VMs are the machines, as namespace/name.
	VMs []string `json:"vms"`
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

// inTheWay is the refusal of a maintenance by the machines that cannot be moved.
func inTheWay(stuck []UnhealthyMachines) string {
	each := make([]string, 0, len(stuck))
	for _, machines := range stuck {
		each = append(each, fmt.Sprintf("%s: %s", strings.Join(machines.VMs, ", "), strings.TrimSuffix(machines.Message, ".")))
	}
	return "Some machines cannot be moved. " + strings.Join(each, "; ") + ". Shut them down, or use force."
}

func disableMaintenance(ctx context.Context, caller capability.Caller, n Node) error {
	return patch(ctx, caller, n, func(node *corev1.Node) {
		node.Spec.Unschedulable = false
		delete(node.Annotations, harvesterv1.AnnotationMaintainStatus)
	})
}

// listUnhealthy finds, as the caller, the machines of a node that neither move nor ask to be shut down.
func listUnhealthy(ctx context.Context, caller capability.Caller, n Node) ([]UnhealthyMachines, error) {
	instances := &kubevirt.VirtualMachineInstanceList{}
	if err := caller.Client.List(ctx, instances, client.MatchingLabels{kubevirt.NodeNameLabel: n.Name}); err != nil {
		return nil, err
	}
	byReason := map[string][]string{}
	for i := range instances.Items {
		vmi := &instances.Items[i]
		sentence := maintain.Unmovable(vmi)
		if sentence == "" || !kubevirt.Active(vmi) || vmi.DeletionTimestamp != nil {
			continue
		}
		vm, err := declared(ctx, caller, vmi)
		if err != nil {
			return nil, err
		}
		if !maintain.ShutsDown(vm) {
			byReason[sentence] = append(byReason[sentence], vmi.Namespace+"/"+vmi.Name)
		}
	}
	found := make([]UnhealthyMachines, 0, len(byReason))
	for _, sentence := range slices.Sorted(maps.Keys(byReason)) {
		slices.Sort(byReason[sentence])
		found = append(found, UnhealthyMachines{Message: sentence, VMs: byReason[sentence]})
	}
	return found, nil
}

// declared is the machine that an instance is a run of, nil when there is none.
func declared(
	ctx context.Context, caller capability.Caller, vmi *kubevirt.VirtualMachineInstance,
) (*kubevirt.VirtualMachine, error) {
	owner := metav1.GetControllerOf(vmi)
	if owner == nil || owner.Kind != kubevirt.VirtualMachineKind.Kind {
		return nil, nil
	}
	vm := &kubevirt.VirtualMachine{}
	err := caller.Client.Get(ctx, client.ObjectKey{Namespace: vmi.Namespace, Name: owner.Name}, vm)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return vm, err
}

// conflict refuses what cannot be done now.
func conflict(n Node, sentence string) error {
	refusal := apierrors.NewConflict(corev1.Resource(nodes), n.Name, errors.New(sentence))
	refusal.ErrStatus.Message = sentence
	return refusal
}
