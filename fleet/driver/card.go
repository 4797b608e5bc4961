package driver

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"crofthci.io/croft/pkg/multus"
)

// card is one of the machine's network cards.
type card struct {
	// NetworkName is namespace/name of the network, "" for that of pods.
	NetworkName string `json:"networkName,omitempty"`
	// MACAddress is the hardware address; the site chooses one by default.
	MACAddress string `json:"macAddress,omitempty"`
	// Model is virtio by default.
	Model string `json:"model,omitempty"`
	// Type is bridge, masquerade or sriov.
	Type string `json:"type,omitempty"`
}

// network is what a card is attached to.
func (c card) network() types.NamespacedName { return multus.Named(c.NetworkName, "") }

// nameOfCard is what the card at a place is called in the machine.
func nameOfCard(place int) string { return fmt.Sprintf("nic-%d", place) }

// mostCards that a machine may have.
const mostCards = 16

// cardsOf are the cards that are asked for.
func cardsOf(network Network, wrong *problems) []card {
	cards := struct {
		Interfaces []card `json:"interfaces"`
	}{Interfaces: []card{{NetworkName: network.NetworkName, Model: network.NetworkModel, Type: network.NetworkType}}}
	flag := "network-name"
	if network.NetworkInfo != "" {
		flag, cards.Interfaces = "network-info", nil
		if network.NetworkName != "" || network.NetworkModel != "" || network.NetworkType != "" {
			wrong.add(flag, "says all of the cards: leave network-name, network-model and network-type empty")
		}
		if err := decode(network.NetworkInfo, &cards); err != nil {
			wrong.add(flag, "cannot be read: %s", err)
			return nil
		}
	}
	if len(cards.Interfaces) == 0 || len(cards.Interfaces) > mostCards {
		wrong.add(flag, "must have 1 to %d interfaces", mostCards)
		return nil
	}
	for i := range cards.Interfaces {
		c := &cards.Interfaces[i]
		c.complete()
		for _, sentence := range c.wrong() {
			wrong.add(flag, "interface %d: %s", i, sentence)
		}
	}
	for _, sentence := range together(cards.Interfaces) {
		wrong.add(flag, "%s", sentence)
	}
	return cards.Interfaces
}

// complete fills in what is usual.
func (c *card) complete() {
	if c.Model == "" {
		c.Model = "virtio"
	}
	if c.Type == "" && c.NetworkName == "" {
		c.Type = "masquerade"
	} else if c.Type == "" {
		c.Type = "bridge"
	}
	if address, err := net.ParseMAC(c.MACAddress); err == nil {
		c.MACAddress = address.String()
	}
}

// wrong is what cannot be of a card.
func (c *card) wrong() []string {
	var sentences []string
	if c.NetworkName != "" && !isFullName(c.NetworkName) {
		sentences = append(sentences, "networkName must be namespace/name of a network")
	}
	if address, err := net.ParseMAC(c.MACAddress); c.MACAddress != "" && (err != nil || len(address) != 6 || address[0]&1 == 1) {
		sentences = append(sentences, "macAddress must be one card's hardware address, such as 02:00:5e:10:00:01")
	}
	if !slices.Contains([]string{"virtio", "e1000", "e1000e", "ne2k_pci", "pcnet", "rtl8139"}, c.Model) {
		sentences = append(sentences, "model must be virtio, e1000, e1000e, ne2k_pci, pcnet or rtl8139")
	}
	switch c.Type {
	case "bridge":
	case "masquerade":
		if c.NetworkName != "" {
			sentences = append(sentences, "type masquerade is for the network of pods alone")
		}
	case "sriov":
		if c.NetworkName == "" {
			sentences = append(sentences, "type sriov needs a networkName")
		}
	default:
		sentences = append(sentences, "type must be bridge, masquerade or sriov")
	}
	return sentences
}

// together is what cannot be of several cards.
func together(cards []card) []string {
	var sentences, addresses []string
	pods := 0
	for i, c := range cards {
		if c.NetworkName == "" {
			pods++
		}
		if c.MACAddress != "" && slices.Contains(addresses, c.MACAddress) {
			sentences = append(sentences, fmt.Sprintf("interface %d: another has its macAddress as well", i))
		}
		addresses = append(addresses, c.MACAddress)
	}
	if pods > 1 {
		sentences = append(sentences, "only one interface can be in the network of pods: give the others a networkName")
	}
	return sentences
}

// chosenCard is the name of the card whose address is the machine's.
func chosenCard(cards []card, network string, wrong *problems) string {
	if network == "" {
		return nameOfCard(0)
	}
	for i, c := range cards {
		if c.NetworkName == network {
			return nameOfCard(i)
		}
	}
	wrong.add("address-network", "must be the network of one of the cards")
	return ""
}

// device is a graphics card that is passed through.
type device struct {
	// Name is what it is called in the machine; DeviceName is the resource of the site's nodes.
	Name       string `json:"name"`
	DeviceName string `json:"deviceName"`
}

// devicesOf are the graphics cards that are asked for.
func devicesOf(text string, wrong *problems) []device {
	devices := struct {
		VGPURequests []device `json:"vGPURequests"`
	}{}
	if text == "" {
		return nil
	}
	if err := decode(text, &devices); err != nil {
		wrong.add("vgpu-info", "cannot be read: %s", err)
		return nil
	}
	var names []string
	for i := range devices.VGPURequests {
		d := &devices.VGPURequests[i]
		if d.Name == "" {
			d.Name = fmt.Sprintf("gpu-%d", i)
		}
		if len(validation.IsDNS1123Label(d.Name)) > 0 || slices.Contains(names, d.Name) {
			wrong.add("vgpu-info", "request %d: name must be a label of its own", i)
		}
		if !strings.Contains(d.DeviceName, "/") || len(validation.IsQualifiedName(d.DeviceName)) > 0 {
			wrong.add("vgpu-info", "request %d: deviceName must be a resource such as nvidia.com/A2-4Q", i)
		}
		names = append(names, d.Name)
	}
	return devices.VGPURequests
}
