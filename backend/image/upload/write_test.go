package upload

import (
	"context"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// TestWriteOver has another attempt begin in the moment between the two halves of a write.
func TestWriteOver(t *testing.T) {
	first, second := Attempt{ID: "one", State: Sending, At: stamp()}, Attempt{ID: "two", State: Sending, At: stamp()}
	sent := &image{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "sent", Annotations: map[string]string{harvesterv1.AnnotationUpload: first.text()},
	}}
	kinds := runtime.NewScheme()
	if err := harvesterv1.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	live := fake.NewClientBuilder().WithScheme(kinds).WithObjects(sent).Build()
	overtaken := interceptor.NewClient(live, interceptor.Funcs{Patch: func(
		ctx context.Context, c client.WithWatch, of client.Object, patch client.Patch, options ...client.PatchOption,
	) error {
		now := &image{}
		if err := c.Get(ctx, client.ObjectKeyFromObject(sent), now); err != nil {
			return err
		}
		now.Annotations[harvesterv1.AnnotationUpload] = second.text()
		if err := c.Update(ctx, now); err != nil {
			return err
		}
		return c.Patch(ctx, of, patch, options...)
	}})
	s := &session{client: overtaken, key: client.ObjectKeyFromObject(sent), attempt: first}
	if err := s.write(t.Context()); !apierrors.IsConflict(err) {
		t.Errorf("the write comes to nothing: %v", err)
	}
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(sent), sent); err != nil {
		t.Fatal(err)
	}
	if last, ok := Of(sent); !ok || last.ID != "two" {
		t.Errorf("the attempt that was begun last is written over: %+v", last)
	}
}
