package node

import (
	"fmt"

	"crofthci.io/croft/pkg/kubevirt"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// The functions below say in a sentence why something cannot be done to a node now, and "" when it can. They are pure.

const (
	inMaintenance = "The node is in maintenance. Disable the maintenance mode instead."
	isLast        = "This is the last node that takes machines: theirs would have nowhere to go."
)

func always(Node) string { return "" }

func unlessOpen(n Node) string {
	switch {
	case n.Spec.Unschedulable:
		return "The node is already cordoned."
	case n.Last:
		return isLast
	default:
		return ""
	}
}

func unlessCordoned(n Node) string {
	switch {
	case n.maintenance() != "":
		return inMaintenance
	case !n.Spec.Unschedulable:
		return "The node is not cordoned."
	default:
		return ""
	}
}

// unlessInService refuses to begin a maintenance.
func unlessInService(n Node) string {
	switch {
	case n.maintenance() == harvesterv1.MaintenanceCompleted:
		return "The node is already in maintenance."
	case n.maintenance() != "" && n.Annotations[harvesterv1.AnnotationMaintainProblem] == "":
		return "The node is already on its way into maintenance."
	case n.Last:
		return isLast
	case n.maintenance() == "" && n.Kept != "":
		return n.Kept
	default:
		return "" // also to one whose machines are stuck: with force, it goes on
	}
}

func unlessInMaintenance(n Node) string {
	if n.maintenance() == "" {
		return "The node is not in maintenance."
	}
	return ""
}

// byHand is how a cluster comes to a CPU manager. KubeVirt then labels the node by itself.
const byHand = "Croft does not change the kubelet of a node. Set cpuManagerPolicy: %s in the configuration of the kubelet " +
	"of node %s, remove its cpu_manager_state file and restart it, by the means of your Kubernetes distribution."

func unlessPinnable(n Node) string {
	_, witness := n.Labels[harvesterv1.LabelWitness]
	switch {
	case witness:
		return "The node is a witness and runs no machines."
	case n.Labels[kubevirt.CPUManagerLabel] == "true":
		return "The node already lets machines have processors for themselves."
	default:
		return fmt.Sprintf(byHand, "static", n.Name)
	}
}

func unlessUnpinnable(n Node) string {
	if n.Labels[kubevirt.CPUManagerLabel] != "true" {
		return "The node already has machines share its processors."
	}
	return fmt.Sprintf(byHand, "none", n.Name) + " Stop the machines on it that have processors for themselves first."
}

func unlessPowered(Node) string {
	return "The power of a node is switched by its management controller, and nothing at this site speaks to one. Switch it by hand."
}
