package virtualmachine

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
)

// AddNicInput says which network card is to be plugged in.
type AddNicInput struct {
	// InterfaceName is what the machine calls the card: a name that none of its cards has.
	InterfaceName string `json:"interfaceName"`
	// NetworkName is the network attachment, as namespace/name or as a name beside the machine.
	NetworkName string `json:"networkName"`
	// MacAddress is the card's hardware address; one is made when it is left out.
	MacAddress string `json:"macAddress,omitempty"`
}

// RemoveNicInput says which network card is to be unplugged.
type RemoveNicInput struct {
	// InterfaceName is what the machine calls the card.
	InterfaceName string `json:"interfaceName"`
}

// HotunpluggableNics are the network cards that can be unplugged while a machine runs.
type HotunpluggableNics struct {
	// Interfaces are their names.
	Interfaces []string `json:"interfaces"`
}

// cardName is what KubeVirt takes as the name of a card.
var cardName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}$`)

// addNic plugs a card in. The guest sees it after a migration to a pod that is on the network, which KubeVirt begins by
// itself.
func addNic(ctx context.Context, caller capability.Caller, m Machine, input AddNicInput) error {
	if err := cardFree(m.VM, input); err != nil {
		return err
	}
	network := multus.Named(input.NetworkName, m.VM.Namespace)
	_, err := multus.Get(ctx, caller.Client, network)
	if apierrors.IsNotFound(err) || apimeta.IsNoMatchError(err) {
		return capability.Refuse("networkName", "There is no network %s.", network)
	}
	if err != nil {
		return err
	}
	return amend(ctx, caller.Client, m, func(vm *kubevirt.VirtualMachine) ([]step, error) {
		if err := cardFree(vm, input); err != nil {
			return nil, err
		}
		spec := hardware(vm)
		card := kubevirt.Interface{Name: input.InterfaceName, Model: kubevirt.ModelVirtio, MacAddress: input.MacAddress}
		card.Bridge = &kubevirt.InterfaceBridge{}
		on := kubevirt.Network{Name: input.InterfaceName}
		on.Multus = &kubevirt.MultusNetwork{NetworkName: network.String()}
		return []step{
			appended(atNetworks, len(spec.Networks), on),
			appended(atInterfaces, len(spec.Domain.Devices.Interfaces), card),
		}, nil
	})
}

// cardFree refuses a card whose name or address is none, or is taken.
func cardFree(vm *kubevirt.VirtualMachine, input AddNicInput) error {
	if !cardName.MatchString(input.InterfaceName) {
		return capability.Refuse("interfaceName",
			"%q cannot be the name of a network card: letters, digits, - and _, 63 of them at most.", input.InterfaceName)
	}
	if input.NetworkName == "" {
		return capability.Refuse("networkName", "Say which network the card is to be on.")
	}
	address, err := net.ParseMAC(input.MacAddress)
	if input.MacAddress != "" && (err != nil || len(address) != 6) {
		return capability.Refuse("macAddress", "%s is no hardware address such as 02:00:5e:10:00:01.", input.MacAddress)
	}
	spec := hardware(vm)
	if slices.ContainsFunc(spec.Networks, func(n kubevirt.Network) bool { return n.Name == input.InterfaceName }) {
		return capability.Refuse("interfaceName", "The machine has a network card %s already.", input.InterfaceName)
	}
	for _, card := range spec.Domain.Devices.Interfaces {
		if card.Name == input.InterfaceName {
			return capability.Refuse("interfaceName", "The machine has a network card %s already.", card.Name)
		}
		taken, err := net.ParseMAC(card.MacAddress)
		if err == nil && taken.String() == address.String() {
			return capability.Refuse("macAddress", "The machine's card %s has the address %s already.", card.Name, taken)
		}
	}
	return nil
}

// removeNic unplugs a card: KubeVirt takes it out of the guest, and out of the machine after a migration.
func removeNic(ctx context.Context, caller capability.Caller, m Machine, input RemoveNicInput) error {
	return amend(ctx, caller.Client, m, func(vm *kubevirt.VirtualMachine) ([]step, error) {
		can := unpluggableNics(vm)
		cards := hardware(vm).Domain.Devices.Interfaces
		at := slices.IndexFunc(cards, func(c kubevirt.Interface) bool { return c.Name == input.InterfaceName })
		switch {
		case at < 0:
			return nil, capability.Refuse("interfaceName", "The machine has no network card %s. Unplugged can be: %s.",
				input.InterfaceName, strings.Join(can, ", "))
		case cards[at].State == kubevirt.InterfaceAbsent:
			return nil, nil // it is on its way out
		case !slices.Contains(can, input.InterfaceName):
			return nil, capability.Refuse("interfaceName",
				"Card %s is built in: only virtio cards that a bridge joins to a network can be unplugged. Those are: %s.",
				input.InterfaceName, strings.Join(can, ", "))
		}
		return []step{{Op: "add", Path: entry(atInterfaces, at, "state"), Value: kubevirt.InterfaceAbsent}}, nil
	})
}

func findHotunpluggableNics(_ context.Context, _ capability.Caller, m Machine) (HotunpluggableNics, error) {
	return HotunpluggableNics{Interfaces: unpluggableNics(m.VM)}, nil
}

// unpluggableNics are the cards that KubeVirt can unplug while a machine runs.
func unpluggableNics(vm *kubevirt.VirtualMachine) []string {
	spec, names := hardware(vm), []string{}
	for _, card := range spec.Domain.Devices.Interfaces {
		joined := slices.ContainsFunc(spec.Networks, func(n kubevirt.Network) bool {
			return n.Name == card.Name && n.Multus != nil && !n.Multus.Default
		})
		virtio := card.Model == "" || card.Model == kubevirt.ModelVirtio
		if joined && virtio && card.Bridge != nil && card.State != kubevirt.InterfaceAbsent {
			names = append(names, card.Name)
		}
	}
	return names
}

func unlessNicAddable(m Machine) string {
	if sentence := unlessChangeable(m); sentence != "" {
		return sentence
	}
	if cluster := m.VM.Labels[harvesterv1.LabelGuestCluster]; cluster != "" {
		return fmt.Sprintf("The machine is a node of guest cluster %s, which decides what cards it has.", cluster)
	}
	for _, card := range hardware(m.VM).Domain.Devices.Interfaces {
		if card.MacAddress == "" && card.State != kubevirt.InterfaceAbsent {
			return fmt.Sprintf("Network card %s has no hardware address, and would get another one by the migration that "+
				"plugs a card in. Write one into the machine first.", card.Name)
		}
	}
	return unlessMovable(m)
}

func unlessNicRemovable(m Machine) string {
	if sentence := unlessNicAddable(m); sentence != "" {
		return sentence
	}
	if len(unpluggableNics(m.VM)) == 0 {
		return "The machine has no network card that could be unplugged."
	}
	return ""
}

func unlessDeleted(m Machine) string {
	if word(m) == kubevirt.StatusTerminating {
		return beingDeleted
	}
	return ""
}

// unlessMovable refuses what a running machine gets by a migration, when it cannot be migrated.
func unlessMovable(m Machine) string {
	if !running(m) || m.VMI == nil {
		return ""
	}
	migratable := kubevirt.InstanceConditionOf(m.VMI, kubevirt.InstanceLiveMigratable)
	switch {
	case migratable == nil:
		return "It is not known yet whether the machine can be migrated, by which this is done."
	case migratable.Status != corev1.ConditionTrue:
		return "The machine cannot be migrated, by which this is done: " + migratable.Message
	case len(m.Targets) == 0:
		return "There is no other node that the machine could run on, and this is done by a migration."
	default:
		return ""
	}
}
