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
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
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

// TestStartAfterTheEnd starts a machine whose last run has ended a moment before KubeVirt's controller knows it.
func TestStartAfterTheEnd(t *testing.T) {
	vm := off(strategy(kubevirt.RunStrategyHalted)).VM
	vm.Annotations = map[string]string{harvesterv1.AnnotationRunStrategy: string(kubevirt.RunStrategyRerunOnFailure)}
	vm.Status.Created, vm.Status.RunStrategy = true, kubevirt.RunStrategyHalted
	kinds := runtime.NewScheme()
	if err := kubevirt.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	var looks int
	caller := fake.NewClientBuilder().WithScheme(kinds).WithObjects(vm).WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			looks++
			err := c.Get(ctx, key, object, options...)
			if now, is := object.(*kubevirt.VirtualMachine); is {
				now.Status.Created = looks < 3
			}
			return err
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			if looks != 3 {
				t.Errorf("its run strategy changes after %d looks, not when its run is over", looks)
			}
			return c.Patch(ctx, object, patch, options...)
		},
	}).Build()
	if err := start(t.Context(), capability.Caller{Client: caller}, Machine{VM: vm}); err != nil {
		t.Fatal(err)
	}
	now := &kubevirt.VirtualMachine{}
	if err := caller.Get(t.Context(), client.ObjectKeyFromObject(vm), now); err != nil || kubevirt.StrategyOf(now) != kubevirt.RunStrategyRerunOnFailure {
		t.Errorf("it runs as before: %s, %v", kubevirt.StrategyOf(now), err)
	}
}
