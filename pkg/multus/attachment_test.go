package multus_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/pkg/multus"
)

func TestNamed(t *testing.T) {
	cases := map[string]struct {
		reason, text string
		want         types.NamespacedName
	}{
		"Full":   {"a name in full", "net/vlan-7", types.NamespacedName{Namespace: "net", Name: "vlan-7"}},
		"Beside": {"a name alone is beside the machine", "vlan-7", types.NamespacedName{Namespace: "default", Name: "vlan-7"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := multus.Named(tc.text, "default"); got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}
