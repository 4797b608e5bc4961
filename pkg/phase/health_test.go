package phase_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// TestEveryKind asks the library of every kind of the group: whoever waits for one hears of it what he hears of the others.
func TestEveryKind(t *testing.T) {
	kinds := runtime.NewScheme()
	if err := harvesterv1.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		stopped  error
		observed int64
		want     status.Status
	}{
		"Done": {nil, 2, status.CurrentStatus}, "Old": {nil, 1, status.InProgressStatus},
		"Waiting": {phase.Wait("Waits", 0, "soon"), 2, status.InProgressStatus},
		"Stalled": {phase.Stall("Wrong", "never"), 2, status.FailedStatus},
	}
	for kind, typed := range kinds.KnownTypes(harvesterv1.GroupVersion) {
		if _, is := typed.FieldByName("Status"); !is || typed.PkgPath() != reflect.TypeFor[harvesterv1.Setting]().PkgPath() {
			continue // a list, or Kubernetes' own
		}
		for name, tc := range cases {
			t.Run(kind+name, func(t *testing.T) {
				object := map[string]any{"metadata": map[string]any{"name": "a", "generation": int64(2)}, "status": map[string]any{
					"observedGeneration": tc.observed, "conditions": conditions(t, tc.stopped),
				}}
				known, err := kinds.New(harvesterv1.GroupVersion.WithKind(kind))
				if err != nil {
					t.Fatal(err)
				}
				if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object, known, true); err != nil {
					t.Fatalf("every kind says of which generation its conditions are: %v", err)
				}
				asked := &unstructured.Unstructured{Object: object}
				asked.SetGroupVersionKind(harvesterv1.GroupVersion.WithKind(kind))
				if got, err := status.Compute(asked); err != nil || got.Status != tc.want {
					t.Errorf("want %s, got %v, %v", tc.want, got, err)
				}
			})
		}
	}
}

func conditions(t *testing.T, stopped error) []any {
	t.Helper()
	var all []any
	for _, condition := range phase.Health(stopped) {
		object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&condition)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, object)
	}
	return all
}

// TestHealth asks the library that tools wait by what it makes of the conditions.
func TestHealth(t *testing.T) {
	cases := map[string]struct {
		reason   string
		stopped  error
		observed int64
		want     status.Status
		message  string
	}{
		"Done":    {"what came to its end is there", nil, 2, status.CurrentStatus, "Resource is Ready"},
		"Old":     {"what was said of another spec says nothing", nil, 1, status.InProgressStatus, "VirtualMachineImage generation is 2, but latest observed generation is 1"},
		"Waiting": {"what goes on by itself is waited for", phase.Wait("Importing", 0, "42 %%"), 2, status.InProgressStatus, "42 %"},
		"Retried": {"so is what failed and is tried again", errors.New("the API server is away"), 2, status.InProgressStatus, "the API server is away"},
		"Stalled": {"what only a person can set right is not", phase.Stall("StorageClassNotFound", "no class"), 2, status.FailedStatus, "no class"},
		"Awaited": {"somebody is expected to act, and nothing is wrong", phase.Stall("UploadAwaited", "send it"), 2, status.InProgressStatus, "send it"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			image := &harvesterv1.VirtualMachineImage{}
			image.SetGroupVersionKind(harvesterv1.VirtualMachineImageKind)
			image.Generation = 2
			image.Status.ObservedGeneration = tc.observed
			image.Status.Conditions = phase.Health(tc.stopped, "UploadAwaited")
			object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(image)
			if err != nil {
				t.Fatal(err)
			}
			got, err := status.Compute(&unstructured.Unstructured{Object: object})
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got.Status)
			}
			if diff := cmp.Diff(tc.message, got.Message); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
