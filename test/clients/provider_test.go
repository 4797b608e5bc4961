package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// provider is the cloud provider of the guest cluster, with what its credential lets it see.
type provider struct{ life }

// exists asks for the machine by the name of the guest's node.
func (p provider) exists(t *testing.T) {
	vm, err := p.machine(t.Context())
	if err != nil || vm.UID == "" {
		t.Fatalf("the machine by the node's name: %v", err)
	}
	if !vm.Status.Ready {
		t.Errorf("a node that runs is not shut down: %+v", vm.Status)
	}
	other := p
	other.name = "nobody"
	if _, err := other.machine(t.Context()); !apierrors.IsNotFound(err) {
		t.Errorf("a node that is no machine any more is removed from the guest cluster: %v", err)
	}
}

// metadata asks for what becomes labels and addresses of the guest's node.
func (p provider) metadata(t *testing.T) {
	vmi, err := p.instance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for _, network := range vmi.Spec.Networks {
		for _, card := range vmi.Status.Interfaces {
			if card.Name == network.Name && network.Multus != nil && isIPv4(card.IP) {
				addresses = append(addresses, card.IP)
			}
		}
	}
	if len(addresses) != 1 {
		t.Errorf("the node has one address in its network: %+v", vmi.Status.Interfaces)
	}
}

// placed asks in which zone the node is. The credential may not look at the site's nodes: the instance says it.
func (p provider) placed(admin *site) func(t *testing.T) {
	return func(t *testing.T) {
		eventually(t, "the node says where it is", func() error {
			vmi, err := p.instance(t.Context())
			if err != nil {
				return err
			}
			host, err := admin.kube.CoreV1().Nodes().Get(t.Context(), vmi.Status.NodeName, metav1.GetOptions{})
			if err != nil {
				return err
			}
			for _, key := range []string{corev1.LabelTopologyZone, corev1.LabelTopologyRegion, corev1.LabelHostname} {
				if want := host.Labels[key]; want == "" || vmi.Annotations[key] != want {
					return fmt.Errorf("%s is %q, the site's node has %q", key, vmi.Annotations[key], want)
				}
			}
			return nil
		})
	}
}

// found finds the nodes of the cluster by their labels, as the backends of a load balancer are found, and is told of their
// changes in this namespace alone.
func (p provider) found(t *testing.T) {
	instances := p.harvester.KubevirtV1().VirtualMachineInstances(p.namespace)
	for _, selector := range []string{labelCluster + "=blue", "harvesterhci.io/vmName=" + p.name, "harvesterhci.io/creator=" + nodeDriver} {
		list, err := instances.List(t.Context(), metav1.ListOptions{LabelSelector: selector})
		if err != nil || len(list.Items) != 1 || list.Items[0].Name != p.name {
			t.Errorf("found by %s: %+v, %v", selector, list, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	events, err := instances.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	event := <-events.ResultChan()
	if vmi, is := event.Object.(*kubevirtv1.VirtualMachineInstance); !is || vmi.Name != p.name || vmi.Status.MigrationState != nil {
		t.Errorf("told of %+v", event.Object)
	}
	if _, err := p.harvester.KubevirtV1().VirtualMachineInstances("").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("what is in other namespaces is not its own: %v", err)
	}
}

// agent asks the guest's agent for its host name; a guest without one is told as a conflict, and goes by its own name.
func (p provider) agent(t *testing.T) {
	eventually(t, "what the guest says of itself", func() error {
		var info kubevirtv1.VirtualMachineInstanceGuestAgentInfo
		answer, err := p.subresources.Get().Namespace(p.namespace).Resource("virtualmachineinstances").Name(p.name).SubResource("guestosinfo").DoRaw(t.Context())
		if apierrors.IsConflict(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &info)
	})
}
