package admission

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/admission"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
)

// indexCards is the index of machines by the addresses of their cards on networks that they share with others.
const indexCards = "cards"

// card is a network card outside of its pod: network is the attachment, as namespace/name.
type card struct{ network, address string }

// cardsOf are a machine's cards on networks outside of its pod. Inside of a pod an address meets no other.
func cardsOf(vm *machine) []card {
	if vm == nil || vm.Spec.Template == nil {
		return nil
	}
	var cards []card
	for _, plugged := range vm.Spec.Template.Spec.Domain.Devices.Interfaces {
		if at := networkOf(vm, plugged.Name); at != "" && plugged.MacAddress != "" {
			cards = append(cards, card{at, canonical(plugged.MacAddress)})
		}
	}
	return cards
}

// addressesOf are the addresses by which a machine is found.
func addressesOf(vm *machine) []string {
	var addresses []string
	for _, each := range cardsOf(vm) {
		addresses = append(addresses, each.address)
	}
	return addresses
}

// canonical is the one spelling of a hardware address; what is none stays as it is, and is refused elsewhere.
func canonical(address string) string {
	parsed, err := net.ParseMAC(address)
	if err != nil {
		return address
	}
	return parsed.String()
}

// networkOf is the network attachment that a card is on, as namespace/name; "" for the pod's own network.
func networkOf(vm *machine, card string) string {
	for _, network := range vm.Spec.Template.Spec.Networks {
		if network.Name != card || network.Multus == nil {
			continue
		}
		if strings.Contains(network.Multus.NetworkName, "/") {
			return network.Multus.NetworkName
		}
		return vm.Namespace + "/" + network.Multus.NetworkName
	}
	return ""
}

// addressesFree asks whether another machine has the address of a card on the same network: neither would be reached.
func (s site) addressesFree(ctx context.Context, r request) error {
	before := cardsOf(r.Old)
	for _, ours := range cardsOf(r.Object) {
		if slices.Contains(before, ours) {
			continue
		}
		neighbours, err := s.neighbours(ctx, ours)
		if err != nil {
			return err
		}
		for _, other := range neighbours {
			if other.Namespace == r.Object.Namespace && other.Name == r.Object.Name {
				continue
			}
			meets, err := s.meets(ctx, ours, other)
			if err != nil {
				return err
			}
			if meets {
				return s.taken(ctx, r, ours, other)
			}
		}
	}
	return nil
}

// neighbours are the machines that are known to have a card of the same address, and have it now.
func (s site) neighbours(ctx context.Context, ours card) ([]*machine, error) {
	found, err := s.search(client.MatchingFields{indexCards: ours.address}).
		Holders(ctx, &kubevirt.VirtualMachineList{}, func(object client.Object) bool {
			return slices.Contains(addressesOf(object.(*machine)), ours.address)
		})
	if err != nil {
		return nil, fmt.Errorf("look for machines with the address %s: %w", ours.address, err)
	}
	neighbours := make([]*machine, len(found))
	for i, object := range found {
		neighbours[i] = object.(*machine)
	}
	return neighbours, nil
}

// meets says whether a machine has a card of the same address on the same network. All attachments of a cluster network
// are on the same wires.
func (s site) meets(ctx context.Context, ours card, other *machine) (bool, error) {
	for _, theirs := range cardsOf(other) {
		if theirs.address != ours.address {
			continue
		}
		if theirs.network == ours.network {
			return true, nil
		}
		mine, err := multus.ClusterNetwork(ctx, s.direct, multus.Named(ours.network, ""))
		if err != nil {
			return false, fmt.Errorf("read network %s: %w", ours.network, err)
		}
		its, err := multus.ClusterNetwork(ctx, s.direct, multus.Named(theirs.network, ""))
		if err != nil {
			return false, fmt.Errorf("read network %s: %w", theirs.network, err)
		}
		if mine != "" && mine == its {
			return true, nil
		}
	}
	return false, nil
}

// taken says which card has whose address. Whose, only those learn who may see that machine.
func (s site) taken(ctx context.Context, r request, ours card, other *machine) error {
	may, err := admission.May(ctx, s.reader, r.User, authorizationv1.ResourceAttributes{
		Verb: "get", Group: kubevirt.VirtualMachines.Group, Resource: kubevirt.VirtualMachines.Resource,
		Namespace: other.Namespace, Name: other.Name,
	})
	if err != nil {
		return err
	}
	whose := "another virtual machine"
	if may {
		whose = "virtual machine " + other.Namespace + "/" + other.Name
	}
	for i, candidate := range r.Object.Spec.Template.Spec.Domain.Devices.Interfaces {
		if canonical(candidate.MacAddress) == ours.address {
			return invalid(r, field.Invalid(devicesPath.Child("interfaces").Index(i).Child("macAddress"), candidate.MacAddress,
				fmt.Sprintf("%s has this address on network %s", whose, ours.network)))
		}
	}
	return apierrors.NewInternalError(fmt.Errorf("card %s is not the machine's", ours.address))
}
