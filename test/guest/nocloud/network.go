package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// networkConfig is the part of network-config that is understood: version 2's
// ethernets, and version 1's physical devices with their subnets.
type networkConfig struct {
	// Network holds the same again; some writers wrap it.
	Network   *networkConfig      `json:"network"`
	Ethernets map[string]ethernet `json:"ethernets"`
	Config    []struct {
		Type    string `json:"type"`
		Name    string `json:"name"`
		MAC     string `json:"mac_address"`
		Subnets []struct {
			Type    string `json:"type"`
			Address string `json:"address"`
			Gateway string `json:"gateway"`
		} `json:"subnets"`
	} `json:"config"`
}

type ethernet struct {
	Match struct {
		MAC string `json:"macaddress"`
	} `json:"match"`
	Addresses []string `json:"addresses"`
	Gateway   string   `json:"gateway4"`
}

// link is one network card of the guest.
type link struct{ name, mac string }

// addresses are the static addresses of the cards, one line each: card,
// address with prefix length, gateway or "-". A card without a line has DHCP.
func addresses(c networkConfig, cards []link) []string {
	if c.Network != nil {
		return addresses(*c.Network, cards)
	}
	var all []string
	add := func(name, mac, address, gateway string) {
		for _, card := range cards {
			if strings.EqualFold(card.mac, mac) || (mac == "" && card.name == name) {
				all = append(all, fmt.Sprintf("%s %s %s", card.name, address, firstOf(gateway, "-")))
			}
		}
	}
	for name, e := range c.Ethernets {
		for _, address := range e.Addresses {
			add(name, e.Match.MAC, address, e.Gateway)
		}
	}
	for _, device := range c.Config {
		for _, subnet := range device.Subnets {
			if strings.HasPrefix(subnet.Type, "static") {
				add(device.Name, device.MAC, subnet.Address, subnet.Gateway)
			}
		}
	}
	slices.Sort(all)
	return all
}

// printAddresses tells the boot script which cards have static addresses.
func printAddresses() error {
	content, err := readIfThere("network-config")
	if err != nil {
		return err
	}
	var c networkConfig
	if err := yaml.Unmarshal(content, &c); err != nil {
		return fmt.Errorf("network-config: %w", err)
	}
	paths, err := filepath.Glob("/sys/class/net/*/address")
	if err != nil {
		return err
	}
	var cards []link
	for _, path := range paths {
		mac, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		cards = append(cards, link{name: filepath.Base(filepath.Dir(path)), mac: strings.TrimSpace(string(mac))})
	}
	for _, line := range addresses(c, cards) {
		if _, err := io.WriteString(os.Stdout, line+"\n"); err != nil {
			return err
		}
	}
	return nil
}
