package admission

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/behind"
)

// called is a machine with a template of a volume and a card of an address on network net.
func called(name, volume, address string) *machine {
	vm := sizedMachine(networked("net"))
	vm.Namespace, vm.Name = "default", name
	vm.Annotations = map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: `[{"metadata":{"name":"` + volume + `"}}]`}
	vm.Spec.Template.Spec.Domain.Devices.Interfaces = []kubevirt.Interface{{Name: "net", MacAddress: address}}
	return vm
}

// TestOthersNow asks for the machines that have what a new one wants, while the cache knows them as they were a moment ago.
func TestOthersNow(t *testing.T) {
	const address, other = "02:00:00:00:00:aa", "02:00:00:00:00:bb"
	kinds := runtime.NewScheme()
	known := runtime.SchemeBuilder{kubevirt.AddToScheme, authorizationv1.AddToScheme}
	if err := known.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason     string
		now        []client.Object
		remembered []client.Object
		users      []string
	}{
		"Nobody": {"nobody has it", nil, nil, nil},
		"Taken":  {"another machine does", []client.Object{called("db", "data", address)}, nil, []string{"default/db"}},
		"Gone":   {"one that went a moment ago does not", nil, []client.Object{called("db", "data", address)}, nil},
		"LetGo":  {"nor does one that has let go", []client.Object{called("db", "logs", other)}, []client.Object{called("db", "data", address)}, nil},
		"Self":   {"the machine itself is no other", []client.Object{called("web", "data", address)}, nil, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			live := fake.NewClientBuilder().WithScheme(kinds).WithObjects(tc.now...).
				WithIndex(&machine{}, indexVolumes, func(o client.Object) []string { return claim.Named(o.(*machine)) }).
				WithIndex(&machine{}, indexCards, func(o client.Object) []string { return addressesOf(o.(*machine)) }).Build()
			s := site{reader: behind.Remembers(live, tc.remembered...), direct: live}
			asked := request{Object: called("web", "data", address)}
			users, err := s.usersOf(t.Context(), asked, "data", nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.users, users); diff != "" && len(tc.users)+len(users) > 0 {
				t.Errorf("%s: users of the volume: -want +got:\n%s", tc.reason, diff)
			}
			if err := s.addressesFree(t.Context(), asked); apierrors.IsInvalid(err) != (len(tc.users) > 0) {
				t.Errorf("%s: the address: %v", tc.reason, err)
			}
		})
	}
}
