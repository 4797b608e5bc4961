package node

import (
	"context"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/node/maintain"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/longhorn"
)

// UnhealthyMachines are machines that a maintenance would harm, for the same reason.
type UnhealthyMachines struct {
	// Message is the reason.
	Message string `json:"message"`
	// VMs are the machines, as namespace/name.
	VMs []string `json:"vms"`
}

// lastCopy is why a machine suffers when a node goes away that it may not even run on.
const lastCopy = "the last healthy copy of a volume is on the node"

// listUnhealthy finds, as the caller, the machines that neither move away from a node nor ask to be shut down, and those,
// wherever they run, that would lose a volume with the node.
func listUnhealthy(ctx context.Context, caller capability.Caller, n Node) ([]UnhealthyMachines, error) {
	atRisk, err := claimsOnlyOn(ctx, caller.Client, n.Name)
	if err != nil {
		return nil, err
	}
	var only []client.ListOption
	if len(atRisk) == 0 {
		only = append(only, client.MatchingLabels{kubevirt.NodeNameLabel: n.Name})
	}
	instances := &kubevirt.VirtualMachineInstanceList{}
	if err := caller.Client.List(ctx, instances, only...); err != nil {
		return nil, err
	}
	byReason := map[string][]string{}
	for i := range instances.Items {
		vmi := &instances.Items[i]
		sentence := harm(n.Name, vmi, atRisk)
		if sentence == "" {
			continue
		}
		vm, err := declared(ctx, caller, vmi)
		if err != nil {
			return nil, err
		}
		if !spared(n.Name, vmi, vm, sentence) {
			byReason[sentence] = append(byReason[sentence], vmi.Namespace+"/"+vmi.Name)
		}
	}
	return grouped(byReason), nil
}

// harm says how a maintenance of a node harms a machine, "" when it does not. atRisk are the claims that are lost with it.
func harm(node string, vmi *kubevirt.VirtualMachineInstance, atRisk map[client.ObjectKey]bool) string {
	if !kubevirt.Active(vmi) || vmi.DeletionTimestamp != nil {
		return ""
	}
	loses := func(claim string) bool { return atRisk[client.ObjectKey{Namespace: vmi.Namespace, Name: claim}] }
	if slices.ContainsFunc(kubevirt.ClaimsOf(vmi.Spec.Volumes), loses) {
		return lastCopy
	}
	if vmi.Labels[kubevirt.NodeNameLabel] == node {
		return maintain.Unmovable(vmi)
	}
	return ""
}

// spared says whether a machine is shut down before the harm is done. One that is started on another node is not spared
// the loss of a volume, only the move.
func spared(node string, vmi *kubevirt.VirtualMachineInstance, vm *kubevirt.VirtualMachine, sentence string) bool {
	if vmi.Labels[kubevirt.NodeNameLabel] != node || !maintain.ShutsDown(vm) {
		return false
	}
	return sentence != lastCopy || vm.Labels[harvesterv1.LabelMaintenanceStrategy] != harvesterv1.MaintenanceRestartElsewhere
}

// claimsOnlyOn are the claims whose volumes have whole copies on a node alone, as Longhorn says now. Other storage says
// nothing of its copies.
func claimsOnlyOn(ctx context.Context, by client.Reader, node string) (map[client.ObjectKey]bool, error) {
	replicas := &longhorn.ReplicaList{}
	err := by.List(ctx, replicas, client.InNamespace(longhorn.Namespace))
	if meta.IsNoMatchError(err) || apierrors.IsNotFound(err) {
		return nil, nil // there is no Longhorn here
	}
	if err != nil {
		return nil, err
	}
	only := longhorn.OnlyOn(node, replicas.Items)
	if len(only) == 0 {
		return nil, nil
	}
	volumes := &longhorn.VolumeList{}
	if err := by.List(ctx, volumes, client.InNamespace(longhorn.Namespace)); err != nil {
		return nil, err
	}
	claims := map[client.ObjectKey]bool{}
	for i := range volumes.Items {
		if of := volumes.Items[i].Status.KubernetesStatus; only[volumes.Items[i].Name] && of.PVCName != "" {
			claims[client.ObjectKey{Namespace: of.Namespace, Name: of.PVCName}] = true
		}
	}
	return claims, nil
}

// grouped are the machines by the reason, both in order.
func grouped(byReason map[string][]string) []UnhealthyMachines {
	found := make([]UnhealthyMachines, 0, len(byReason))
	for _, sentence := range slices.Sorted(maps.Keys(byReason)) {
		slices.Sort(byReason[sentence])
		found = append(found, UnhealthyMachines{Message: sentence, VMs: byReason[sentence]})
	}
	return found
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
