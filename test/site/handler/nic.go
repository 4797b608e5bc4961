package handler

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
)

// ForwardPorts on a machine names more ports to forward from its address, as
// "8080" or "8443:443" (address:guest), separated by commas.
const ForwardPorts = "site.crofthci.io/forward-ports"

// nics are the network cards; the first one has the machine's address.
func nics(vmi *kubevirtv1.VirtualMachineInstance, h host) []guest.NIC {
	var list []guest.NIC
	for i, iface := range vmi.Spec.Domain.Devices.Interfaces {
		if iface.State == kubevirtv1.InterfaceStateAbsent {
			continue
		}
		nic := guest.NIC{MAC: macOf(vmi, i), Model: iface.Model}
		if len(list) == 0 {
			nic.Address, nic.Forwards = h.address, forwards(vmi, h.lowPorts)
		}
		list = append(list, nic)
	}
	return list
}

// forwards are the ports that lead into the guest: ssh, http, https, and Docker
// as rancher-machine sets it up. Where the process may not listen below 1024, ssh
// is at 2222, http at 8080 and https at 8443.
func forwards(vmi *kubevirtv1.VirtualMachineInstance, lowPorts bool) []guest.Forward {
	list := []guest.Forward{{Host: 22, Guest: 22}, {Host: 80, Guest: 80}, {Host: 443, Guest: 443}, {Host: 2376, Guest: 2376}}
	if !lowPorts {
		list = []guest.Forward{{Host: 2222, Guest: 22}, {Host: 8080, Guest: 80}, {Host: 8443, Guest: 443}, {Host: 2376, Guest: 2376}}
	}
	for word := range strings.SplitSeq(vmi.Annotations[ForwardPorts], ",") {
		from, to, both := strings.Cut(strings.TrimSpace(word), ":")
		if !both {
			to = from
		}
		hostPort, err := strconv.ParseUint(from, 10, 16)
		if err != nil {
			continue
		}
		guestPort, err := strconv.ParseUint(to, 10, 16)
		if err != nil {
			continue
		}
		f := guest.Forward{Host: uint16(hostPort), Guest: uint16(guestPort)}
		if !slices.ContainsFunc(list, func(o guest.Forward) bool { return o.Host == f.Host }) {
			list = append(list, f)
		}
	}
	return list
}

// macOf is the address of a network card: the spec's, else one that stays the
// same as long as the instance lives.
func macOf(vmi *kubevirtv1.VirtualMachineInstance, i int) string {
	iface := vmi.Spec.Domain.Devices.Interfaces[i]
	if iface.MacAddress != "" {
		return strings.ToLower(strings.ReplaceAll(iface.MacAddress, "-", ":"))
	}
	sum := sha256.Sum256([]byte(string(vmi.UID) + "/" + iface.Name))
	return fmt.Sprintf("52:54:00:%02x:%02x:%02x", sum[0], sum[1], sum[2])
}
