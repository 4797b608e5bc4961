package phase_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

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
