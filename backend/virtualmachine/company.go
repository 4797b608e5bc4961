package virtualmachine

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// company is where other machines run, for a machine that wants to be near some and far from others. Pods that are no
// machines are not known here: the scheduler has the last word.
type company struct {
	// machines run somewhere.
	machines []kubevirt.VirtualMachineInstance
	// labels are those of the nodes, by name.
	labels map[string]labels.Set
}

// companyOf looks for other machines, if a machine cares for any.
func companyOf(
	ctx context.Context, facts client.Reader, vmi *kubevirt.VirtualMachineInstance, nodes *corev1.NodeList,
) (company, error) {
	near, far := termsOf(vmi.Spec.Affinity)
	if len(near)+len(far) == 0 {
		return company{}, nil
	}
	machines := &kubevirt.VirtualMachineInstanceList{}
	if err := facts.List(ctx, machines, client.UnsafeDisableDeepCopy); err != nil {
		return company{}, fmt.Errorf("find the company of virtual machine %s: %w", vmi.Name, err)
	}
	known := company{machines: machines.Items, labels: map[string]labels.Set{}}
	for i := range nodes.Items {
		known.labels[nodes.Items[i].Name] = nodes.Items[i].Labels
	}
	return known, nil
}

// termsOf are what a machine requires to be near, and far from.
func termsOf(affinity *corev1.Affinity) (near, far []corev1.PodAffinityTerm) {
	if affinity == nil {
		return nil, nil
	}
	if affinity.PodAffinity != nil {
		near = affinity.PodAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	}
	if affinity.PodAntiAffinity != nil {
		far = affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution
	}
	return near, far
}

// suits says whether a machine would find on a node the company that it requires.
func (c company) suits(vmi *kubevirt.VirtualMachineInstance, node *corev1.Node) bool {
	near, far := termsOf(vmi.Spec.Affinity)
	return !slices.ContainsFunc(near, func(term corev1.PodAffinityTerm) bool { return !c.around(vmi, term, node) }) &&
		!slices.ContainsFunc(far, func(term corev1.PodAffinityTerm) bool { return c.around(vmi, term, node) })
}

// around says whether a machine that a term selects runs in the part of the site that a node is in.
func (c company) around(vmi *kubevirt.VirtualMachineInstance, term corev1.PodAffinityTerm, node *corev1.Node) bool {
	part, known := node.Labels[term.TopologyKey]
	selector, err := metav1.LabelSelectorAsSelector(term.LabelSelector)
	if err != nil || !known {
		return false
	}
	return slices.ContainsFunc(c.machines, func(other kubevirt.VirtualMachineInstance) bool {
		return inNamespaces(term, vmi.Namespace, other.Namespace) && selector.Matches(labels.Set(other.Labels)) &&
			c.labels[other.Status.NodeName][term.TopologyKey] == part
	})
}

// inNamespaces says whether a term looks into a namespace. Which namespaces have a label is not known here, so a term
// that selects some by their labels looks into all.
func inNamespaces(term corev1.PodAffinityTerm, own, namespace string) bool {
	if term.NamespaceSelector != nil {
		return true
	}
	if len(term.Namespaces) == 0 {
		return namespace == own
	}
	return slices.Contains(term.Namespaces, namespace)
}
