package virtualmachine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// Target is a node that a machine could move to.
type Target struct {
	// Name is the node's name.
	Name string
	// Hostname is its label kubernetes.io/hostname, by which KubeVirt is told where to; mostly, but not always, the name.
	Hostname string
}

// targets are the nodes that a running machine could move to, by name.
func targets(ctx context.Context, facts client.Reader, vmi *kubevirt.VirtualMachineInstance) ([]Target, error) {
	nodes := &corev1.NodeList{}
	if err := facts.List(ctx, nodes, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("find nodes: %w", err)
	}
	company, err := companyOf(ctx, facts, vmi, nodes)
	if err != nil {
		return nil, err
	}
	found := make([]Target, 0, len(nodes.Items))
	for i := range nodes.Items {
		node := &nodes.Items[i]
		if node.Name != vmi.Status.NodeName && fits(vmi, node) && company.suits(vmi, node) {
			found = append(found, Target{Name: node.Name, Hostname: node.Labels[corev1.LabelHostname]})
		}
	}
	slices.SortFunc(found, func(a, b Target) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// namesOf are the names of targets.
func namesOf(targets []Target) []string {
	names := make([]string, 0, len(targets))
	for _, target := range targets {
		names = append(names, target.Name)
	}
	return names
}
