package setting

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

func isIP(value string) bool {
	_, err := netip.ParseAddr(value)
	return err == nil
}

// cidr is a network such as 10.0.0.0/24.
func cidr(value string) error {
	if _, err := network(value); err != nil {
		return err
	}
	return nil
}

func network(value string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(value)
	if err != nil {
		return prefix, fmt.Errorf("must be a network such as 10.0.0.0/24, not %q", value)
	}
	if prefix.Masked() != prefix {
		return prefix, fmt.Errorf("must be the network %s, not the address %s in it", prefix.Masked(), value)
	}
	return prefix, nil
}

// pool is a network, or a range of addresses such as 10.0.0.10-10.0.0.20.
func pool(value string) error {
	from, to, isRange := strings.Cut(value, "-")
	if !isRange {
		return cidr(value)
	}
	first, err := netip.ParseAddr(strings.TrimSpace(from))
	last, errLast := netip.ParseAddr(strings.TrimSpace(to))
	if err != nil || errLast != nil || first.Is4() != last.Is4() || last.Less(first) {
		return fmt.Errorf("must be a network such as 10.0.0.0/24 or a range such as 10.0.0.10-10.0.0.20, not %q", value)
	}
	return nil
}

// proxy is the URL of a proxy, which may also be reached by SOCKS.
func proxy(value string) error {
	parsed, err := url.Parse(value)
	if err != nil || parsed.Host == "" {
		return errors.New("must be a URL with a host")
	}
	switch parsed.Scheme {
	case "http", "https", "socks5":
		return nil
	default:
		return fmt.Errorf("must be a URL with http, https or socks5, not with %q", parsed.Scheme)
	}
}

// vlan is a network of its own for one kind of traffic. Longhorn's and KubeVirt's traffic are given one in the same form.
type vlan struct {
	VLAN           int64    `json:"vlan"`
	ClusterNetwork string   `json:"clusterNetwork"`
	Range          string   `json:"range"`
	Exclude        []string `json:"exclude"`
}

const biggestVLAN = 4094

func (v vlan) check() error {
	if v.VLAN == 0 && v.ClusterNetwork == "" && v.Range == "" && len(v.Exclude) == 0 {
		return nil // an empty object switches it off, too
	}
	if err := between("vlan", v.VLAN, 1, biggestVLAN); err != nil {
		return err
	}
	if err := needed(map[string]string{"clusterNetwork": v.ClusterNetwork, "range": v.Range}); err != nil {
		return err
	}
	if err := field("clusterNetwork", v.ClusterNetwork, name); err != nil {
		return err
	}
	whole, err := network(v.Range)
	if err != nil {
		return fmt.Errorf("range %w", err)
	}
	for i, text := range v.Exclude {
		part, err := network(text)
		if err != nil {
			return fmt.Errorf("exclude[%d] %w", i, err)
		}
		if !whole.Overlaps(part) || part.Bits() < whole.Bits() {
			return fmt.Errorf("exclude[%d] must be within the range %s, not %s", i, whole, part)
		}
	}
	return nil
}
