package credential

import (
	"testing"

	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/utils/ptr"
)

func TestServerOf(t *testing.T) {
	const own = "https://10.43.0.1:443"
	published := &discoveryv1.EndpointSlice{
		Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"192.0.2.7"}}},
		Ports:     []discoveryv1.EndpointPort{{Port: ptr.To(int32(6444))}},
	}
	cases := map[string]struct {
		reason    string
		told      map[string]string
		published *discoveryv1.EndpointSlice
		want      string
	}{
		"Told":      {"a person knows best", map[string]string{"server": "https://site.example.org", "ip": "192.0.2.1"}, published, "https://site.example.org"},
		"VIP":       {"as Harvester writes it", map[string]string{"ip": "192.0.2.1"}, published, "https://192.0.2.1:6443"},
		"IPv6":      {"an address with colons is put in brackets", map[string]string{"ip": "2001:db8::1"}, published, "https://[2001:db8::1]:6443"},
		"Published": {"an API server's own address is reached from outside", nil, published, "https://192.0.2.7:6444"},
		"Own":       {"better than nothing", nil, &discoveryv1.EndpointSlice{}, own},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := serverOf(tc.told, tc.published, own); got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}
