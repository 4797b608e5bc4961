package virtualmachine

import (
	"context"
	"errors"
	"net/http"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/kubevirt"
)

// asServed is a client on one machine whose patches are refused with 422, as the API server refuses a failed test.
func asServed(t *testing.T, vm *kubevirt.VirtualMachine) client.Client {
	t.Helper()
	kinds := runtime.NewScheme()
	if err := kubevirt.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	refuse := func(context.Context, client.WithWatch, client.Object, client.Patch, ...client.PatchOption) error {
		return apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "", schema.GroupResource{}, "", "test failed", 0, false)
	}
	return fake.NewClientBuilder().WithScheme(kinds).WithObjects(vm).
		WithInterceptorFuncs(interceptor.Funcs{Patch: refuse}).Build()
}

func TestStopMeetsAnother(t *testing.T) {
	cases := map[string]struct {
		reason string
		now    kubevirt.RunStrategy
		want   int32
	}{
		"Overtaken": {"who comes second is told so", kubevirt.RunStrategyHalted, http.StatusConflict},
		"Refused":   {"any other refusal stays what it is", kubevirt.RunStrategyAlways, http.StatusUnprocessableEntity},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			seen, now := on(strategy(kubevirt.RunStrategyAlways)), on(strategy(tc.now))
			err := stop(t.Context(), capability.Caller{Client: asServed(t, now.VM)}, seen)
			var status apierrors.APIStatus
			if !errors.As(err, &status) || status.Status().Code != tc.want {
				t.Errorf("%s: want %d, got %v", tc.reason, tc.want, err)
			}
		})
	}
}
