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
)

// indexCards is the index of machines by their cards on networks that they share with others, as network and address.
const indexCards = "cards"

// cardsOf are a machine's cards on networks outside of its pod. Inside of a pod an address meets no other.
func cardsOf(vm *machine) []string {
	if vm == nil || vm.Spec.Template == nil {
		return nil
	}
	var cards []string
	for _, card := range vm.Spec.Template.Spec.Domain.Devices.Interfaces {
		if at := networkOf(vm, card.Name); at != "" && card.MacAddress != "" {
			cards = append(cards, at+" "+canonical(card.MacAddress))
		}
	}
	return cards
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
	for _, card := range cardsOf(r.Object) {
		if slices.Contains(before, card) {
			continue
		}
		neighbours := &kubevirt.VirtualMachineList{}
		if err := s.reader.List(ctx, neighbours, client.MatchingFields{indexCards: card}); err != nil {
			return fmt.Errorf("look for machines with the address %s: %w", card, err)
		}
		for i := range neighbours.Items {
			if other := &neighbours.Items[i]; other.Namespace != r.Object.Namespace || other.Name != r.Object.Name {
				return s.taken(ctx, r, card, other)
			}
		}
	}
	return nil
}

// taken says which card has whose address. Whose, only those learn who may see that machine.
func (s site) taken(ctx context.Context, r request, card string, other *machine) error {
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
	network, address, _ := strings.Cut(card, " ")
	for i, candidate := range r.Object.Spec.Template.Spec.Domain.Devices.Interfaces {
		if canonical(candidate.MacAddress) == address {
			return invalid(r, field.Invalid(devicesPath.Child("interfaces").Index(i).Child("macAddress"), candidate.MacAddress,
				fmt.Sprintf("%s has this address on network %s", whose, network)))
		}
	}
	return apierrors.NewInternalError(fmt.Errorf("card %s is not the machine's", card))
}
