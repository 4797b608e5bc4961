package claim

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

func TestList(t *testing.T) {
	more := Template{}
	more.Name = "c"
	cases := map[string]struct {
		reason, written, with, without string
	}{
		"Unknown": {
			reason:  "what nobody here knows stays",
			written: `[{"metadata":{"name":"a"},"odd":1},{"metadata":{"name":"b"}}]`,
			with:    `[{"metadata":{"name":"a"},"odd":1},{"metadata":{"name":"b"}},{"metadata":{"name":"c"},"spec":{"resources":{}}}]`,
			without: `[{"metadata":{"name":"a"},"odd":1}]`,
		},
		"Empty": {
			reason: "a machine without templates gets its first",
			with:   `[{"metadata":{"name":"c"},"spec":{"resources":{}}}]`, without: `[]`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			vm := &kubevirt.VirtualMachine{}
			vm.Annotations = map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: tc.written}
			with, err := With(vm, more)
			if err != nil {
				t.Fatal(err)
			}
			without, err := Without(vm, "b")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{tc.with, tc.without}, []string{with, without}); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
