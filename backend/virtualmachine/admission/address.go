package admission

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// addresses gives every network card a hardware address that stays: a client that sends a machine back without one gets
// the one it had, because the guest's own configuration and the DHCP server know it by that.
func (s site) addresses(_ context.Context, r request) error {
	if r.Object.Spec.Template == nil {
		return nil
	}
	known := knownAddresses(r.Object)
	if r.Old != nil {
		for name, address := range knownAddresses(r.Old) {
			if known[name] == "" {
				known[name] = address
			}
		}
	}
	present := map[string]string{}
	interfaces := r.Object.Spec.Template.Spec.Domain.Devices.Interfaces
	for i := range interfaces {
		card := &interfaces[i]
		if card.MacAddress == "" {
			card.MacAddress = known[card.Name]
		}
		if card.MacAddress == "" {
			made, err := newAddress(s.random)
			if err != nil {
				return err
			}
			card.MacAddress = made
		}
		present[card.Name] = card.MacAddress
	}
	return keepAddresses(r.Object, present)
}

// knownAddresses are those that the annotation and the cards of a machine tell, by card.
func knownAddresses(vm *machine) map[string]string {
	known := map[string]string{}
	// What cannot be read is written anew.
	_ = json.Unmarshal([]byte(vm.Annotations[harvesterv1.AnnotationMACAddress]), &known)
	if known == nil {
		known = map[string]string{}
	}
	if vm.Spec.Template == nil {
		return known
	}
	for _, card := range vm.Spec.Template.Spec.Domain.Devices.Interfaces {
		if card.MacAddress != "" {
			known[card.Name] = card.MacAddress
		}
	}
	return known
}

func keepAddresses(vm *machine, present map[string]string) error {
	if len(present) == 0 {
		delete(vm.Annotations, harvesterv1.AnnotationMACAddress)
		return nil
	}
	text, err := json.Marshal(present)
	if err != nil {
		return fmt.Errorf("keep hardware addresses: %w", err)
	}
	if vm.Annotations == nil {
		vm.Annotations = map[string]string{}
	}
	vm.Annotations[harvesterv1.AnnotationMACAddress] = string(text)
	return nil
}

// newAddress makes an address of one card alone (bit 0 clear) that no maker of cards has given out (bit 1 set).
func newAddress(random io.Reader) (string, error) {
	address := make(net.HardwareAddr, 6)
	if _, err := io.ReadFull(random, address); err != nil {
		return "", fmt.Errorf("make a hardware address: %w", err)
	}
	address[0] = address[0]&^1 | 2
	return address.String(), nil
}
