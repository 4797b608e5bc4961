package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

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
			cards = append(cards, at+" "+strings.ToLower(card.MacAddress))
		}
	}
	return cards
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
				return taken(r, card, other)
			}
		}
	}
	return nil
}

// taken says which card has whose address.
func taken(r request, card string, other *machine) error {
	network, address, _ := strings.Cut(card, " ")
	for i, candidate := range r.Object.Spec.Template.Spec.Domain.Devices.Interfaces {
		if strings.EqualFold(candidate.MacAddress, address) {
			return invalid(r, field.Invalid(devicesPath.Child("interfaces").Index(i).Child("macAddress"), candidate.MacAddress,
				fmt.Sprintf("virtual machine %s/%s has this address on network %s", other.Namespace, other.Name, network)))
		}
	}
	return apierrors.NewInternalError(fmt.Errorf("card %s is not the machine's", card))
}
