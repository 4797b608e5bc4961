package admission

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/pkg/admission"
)

func TestRemembered(t *testing.T) {
	mine := "example.org/mine"
	cases := map[string]struct {
		reason string
		vm     *machine
		want   []string
	}{
		"NoVolumes": {reason: "nobody has to know that it goes", vm: sizedMachine()},
		"Volumes": {
			reason: "its volumes are told, whoever else waits for its end",
			vm: sizedMachine(templated("["+volume("root", "fast", "1Gi", "")+"]"), func(vm *machine) {
				vm.Finalizers = []string{mine}
			}),
			want: []string{mine, "harvesterhci.io/volume-claims"},
		},
		"Again": {
			reason: "once is enough",
			vm: sizedMachine(templated("["+volume("root", "fast", "1Gi", "")+"]"), func(vm *machine) {
				vm.Finalizers = []string{"harvesterhci.io/volume-claims"}
			}),
			want: []string{"harvesterhci.io/volume-claims"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := (site{}).remembered(t.Context(), admission.Request[*machine]{Object: tc.vm}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, tc.vm.Finalizers); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
