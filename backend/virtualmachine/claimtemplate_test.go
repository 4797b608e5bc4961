package virtualmachine

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

func TestWithoutTemplate(t *testing.T) {
	refusal := errors.New("KubeVirt refuses it")
	const both = `[{"metadata":{"name":"root"}},{"metadata":{"name":"data"},"spec":{"unknown":"kept"}}]`
	cases := map[string]struct {
		reason, name string
		refusal      error
		during, then []string
	}{
		"Done":    {"what is unplugged is the machine's no more", "data", nil, []string{"root"}, []string{"root"}},
		"Refused": {"what stays plugged in stays the machine's", "data", refusal, []string{"root"}, []string{"root", "data"}},
		"Other":   {"a claim without a template", "more", refusal, []string{"root", "data"}, []string{"root", "data"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			m := off(func(m *Machine) {
				m.VM.Annotations = map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: both}
			})
			kinds := runtime.NewScheme()
			if err := kubevirt.AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			asCaller := fake.NewClientBuilder().WithScheme(kinds).WithObjects(m.VM).Build()
			templates := func() (names []string) {
				now := &kubevirt.VirtualMachine{}
				if err := asCaller.Get(t.Context(), client.ObjectKeyFromObject(m.VM), now); err != nil {
					t.Fatal(err)
				}
				known, err := claim.Templates(now)
				if err != nil {
					t.Fatal(err)
				}
				for _, each := range known {
					names = append(names, each.Name)
				}
				return names
			}
			ctx, cancel := context.WithCancel(t.Context())
			var during []string
			err := withoutTemplate(ctx, asCaller, m, tc.name, func() error {
				during = templates()
				cancel() // the caller has gone
				return tc.refusal
			})
			if !errors.Is(err, tc.refusal) || !cmp.Equal(tc.during, during) || !cmp.Equal(tc.then, templates()) {
				t.Errorf("%s: got %v, %v meanwhile and %v then", tc.reason, err, during, templates())
			}
		})
	}
}
