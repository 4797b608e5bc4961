package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
)

// Labels of the nodes that a machine must find.
const (
	// labelCPUManager is on nodes that can give a machine processors of its own.
	labelCPUManager = "cpumanager"
	// labelNetworkPrefix, with the name of a cluster network, is on nodes that have that network.
	labelNetworkPrefix = "network.harvesterhci.io/"
)

// settle has a machine run only on nodes that have what its hardware needs: processors of its own, the cluster networks
// that its cards are on, and devices of the kinds that it asks for. A network or a kind of device that no node is labelled
// with binds nobody: where nothing labels the nodes, every node has the network, or is believed to, and the scheduler
// waits for a node with the device all the same.
func (s site) settle(ctx context.Context, r request) error {
	if r.Object.Spec.Template == nil {
		return nil
	}
	networks, err := s.clusterNetworks(ctx, r.Object)
	if err != nil {
		return err
	}
	var wanted []string
	for _, label := range append(networks, deviceLabels(r.Object)...) {
		nodes, err := s.nodesWith(ctx, label)
		if err != nil {
			return err
		}
		if nodes {
			wanted = append(wanted, label)
		}
	}
	given := []string{labelNetworkPrefix, kubevirt.LabelDevicePrefix}
	if pinned(r.Object) {
		wanted = append(wanted, labelCPUManager)
	} else if r.Old != nil && pinned(r.Old) {
		given = append(given, labelCPUManager)
	}
	ours := func(key string) bool {
		return slices.ContainsFunc(given, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
	}
	spec := &r.Object.Spec.Template.Spec
	spec.Affinity = attract(spec.Affinity, wanted, ours)
	return nil
}

// nodesWith says whether any node has a label that says so.
func (s site) nodesWith(ctx context.Context, label string) (bool, error) {
	nodes := &corev1.NodeList{}
	if err := s.reader.List(ctx, nodes, client.MatchingLabels{label: "true"}, client.UnsafeDisableDeepCopy); err != nil {
		return false, fmt.Errorf("look for nodes with label %s: %w", label, err)
	}
	return len(nodes.Items) > 0, nil
}

// nodesNow says the same by the nodes as they are: one may have got the label a moment ago.
func (s site) nodesNow(ctx context.Context, label string) (bool, error) {
	nodes := &corev1.NodeList{}
	if err := s.direct.List(ctx, nodes, client.MatchingLabels{label: "true"}, client.Limit(1)); err != nil {
		return false, fmt.Errorf("look for nodes with label %s: %w", label, err)
	}
	return len(nodes.Items) > 0, nil
}

// processorsOwnable asks whether any node gives processors away: a machine that wants some of its own would wait for one
// for ever.
func (s site) processorsOwnable(ctx context.Context, r request) error {
	if !pinned(r.Object) || r.Old != nil && pinned(r.Old) {
		return nil
	}
	nodes, err := s.nodesNow(ctx, labelCPUManager)
	if err != nil || nodes {
		return err
	}
	return invalid(r, field.Forbidden(templatePath.Child("domain", "cpu", "dedicatedCpuPlacement"),
		"no node gives processors away: the CPU manager is on nowhere (label "+labelCPUManager+"=true); enable it on a node first"))
}

// pinned says whether a machine has processors of its own.
func pinned(vm *machine) bool {
	return vm.Spec.Template != nil && dedicated(&vm.Spec.Template.Spec.Domain)
}

// deviceLabels are the labels of nodes that have devices of the kinds that a machine asks for.
func deviceLabels(vm *machine) []string {
	var labels []string
	for _, each := range devicesOf(vm) {
		labels = append(labels, kubevirt.DeviceLabel(corev1.ResourceName(each.name)))
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// clusterNetworks are the labels of nodes that have the cluster networks that a machine's cards are on, without the one
// that every node has.
func (s site) clusterNetworks(ctx context.Context, vm *machine) ([]string, error) {
	var networks []string
	for _, network := range vm.Spec.Template.Spec.Networks {
		at := networkOf(vm, network.Name)
		if at == "" {
			continue
		}
		cluster, err := multus.ClusterNetwork(ctx, s.direct, multus.Named(at, vm.Namespace))
		if err != nil {
			return nil, fmt.Errorf("read network %s: %w", at, err)
		}
		if cluster != "" && cluster != multus.Management {
			networks = append(networks, labelNetworkPrefix+cluster)
		}
	}
	slices.Sort(networks)
	return slices.Compact(networks), nil
}

// attract is an affinity that asks for nodes with all of some labels, and no longer for those that are ours to ask for
// and not wanted. Each term of a node affinity is enough, so the labels are asked for in each.
func attract(affinity *corev1.Affinity, wanted []string, ours func(key string) bool) *corev1.Affinity {
	affinity = affinity.DeepCopy()
	terms := termsOf(affinity)
	if len(terms) == 0 && len(wanted) == 0 {
		return affinity
	}
	if len(terms) == 0 {
		terms = []corev1.NodeSelectorTerm{{}}
	}
	for i := range terms {
		terms[i].MatchExpressions = slices.DeleteFunc(terms[i].MatchExpressions, func(e corev1.NodeSelectorRequirement) bool {
			return plain(e) && (ours(e.Key) || slices.Contains(wanted, e.Key))
		})
		for _, key := range wanted {
			terms[i].MatchExpressions = append(terms[i].MatchExpressions, corev1.NodeSelectorRequirement{
				Key: key, Operator: corev1.NodeSelectorOpIn, Values: []string{"true"},
			})
		}
	}
	terms = slices.DeleteFunc(terms, func(t corev1.NodeSelectorTerm) bool {
		return len(t.MatchExpressions) == 0 && len(t.MatchFields) == 0
	})
	return withTerms(affinity, terms)
}

// plain says whether an expression is as attract writes them.
func plain(e corev1.NodeSelectorRequirement) bool {
	return e.Operator == corev1.NodeSelectorOpIn && slices.Equal(e.Values, []string{"true"})
}

func termsOf(affinity *corev1.Affinity) []corev1.NodeSelectorTerm {
	if affinity == nil || affinity.NodeAffinity == nil || affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return nil
	}
	return affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms
}

// withTerms is an affinity with other required terms for nodes, and without any when there are none: Kubernetes takes no
// empty list.
func withTerms(affinity *corev1.Affinity, terms []corev1.NodeSelectorTerm) *corev1.Affinity {
	if affinity == nil {
		affinity = &corev1.Affinity{}
	}
	if affinity.NodeAffinity == nil {
		affinity.NodeAffinity = &corev1.NodeAffinity{}
	}
	affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution = nil
	if len(terms) > 0 {
		affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution = &corev1.NodeSelector{NodeSelectorTerms: terms}
	} else if len(affinity.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution) == 0 {
		affinity.NodeAffinity = nil
	}
	if affinity.NodeAffinity == nil && affinity.PodAffinity == nil && affinity.PodAntiAffinity == nil {
		return nil
	}
	return affinity
}
