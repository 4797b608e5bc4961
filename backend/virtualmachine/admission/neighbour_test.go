package admission

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
)

func TestMeets(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := metav1.AddMetaToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	scheme.AddKnownTypeWithName(multus.AttachmentKind, &metav1.PartialObjectMetadata{})
	s := site{direct: fake.NewClientBuilder().WithScheme(scheme).WithObjects(
		attachment("vlan-1", "mgmt"), attachment("vlan-2", "mgmt"), attachment("vlan-7", "storage"), attachment("old-1", ""), attachment("old-2", ""),
	).Build()}
	const address = "02:00:00:00:00:aa"
	cases := map[string]struct {
		reason  string
		network string
		address string
		other   string
		want    bool
	}{
		"Same":         {"two on one network are not told apart", "default/vlan-1", address, "vlan-1", true},
		"Wires":        {"nor are two on the same wires", "default/vlan-1", address, "vlan-2", true},
		"OtherWires":   {"elsewhere nobody notices", "default/vlan-1", address, "vlan-7", false},
		"Unlabelled":   {"of networks that say nothing nobody knows", "default/old-1", address, "old-2", false},
		"Missing":      {"nor of those that are to be made", "default/vlan-1", address, "none", false},
		"OtherAddress": {"another address is another card", "default/vlan-1", "02:00:00:00:00:bb", "vlan-1", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			other := sizedMachine(networked(tc.other))
			other.Spec.Template.Spec.Domain.Devices.Interfaces = []kubevirt.Interface{{Name: tc.other, MacAddress: address}}
			got, err := s.meets(t.Context(), card{tc.network, tc.address}, other)
			if err != nil || got != tc.want {
				t.Errorf("%s: %v %v", tc.reason, got, err)
			}
		})
	}
}
