package steve

import (
	"errors"
	"net/http"
	"testing"

	"github.com/rancher/apiserver/pkg/apierror"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestFactsNotYetKnown holds that who asks for what the server has not read yet is asked to come again, and not told that
// something is broken.
func TestFactsNotYetKnown(t *testing.T) {
	kinds := runtime.NewScheme()
	if err := corev1.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	f := &facts{scheme: kinds, synced: nil}
	reads := map[string]error{
		"Get":  f.Get(t.Context(), client.ObjectKey{Name: "a"}, &corev1.Node{}),
		"List": f.List(t.Context(), &corev1.NodeList{}),
	}
	for name, err := range reads {
		t.Run(name, func(t *testing.T) {
			var got *apierror.APIError
			if !errors.As(fault(err), &got) || got.Code.Status != http.StatusServiceUnavailable {
				t.Errorf("want 503, got %v", fault(err))
			}
			if want := "The server does not know the objects of kind Node yet. Try again in a moment."; got.Message != want {
				t.Errorf("want %q, got %q", want, got.Message)
			}
		})
	}
}
