package storage

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// TestBring makes a site's storage while the webhooks that are asked about what is made do not answer.
func TestBring(t *testing.T) {
	cases := map[string]struct {
		reason  string
		there   []client.Object
		refused int
		asked   int
	}{
		"New":      {"a new site makes all of it", nil, 0, len(objects())},
		"Again":    {"one that is started again asks nobody to make what is there", objects(), 1, 0},
		"Deleted":  {"what somebody has deleted is made when it can be", objects()[1:], 2, 3},
		"NotReady": {"a refusal ends nothing", nil, 1, len(objects()) + 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			kinds := runtime.NewScheme()
			known := runtime.SchemeBuilder{scheme.AddToScheme, snapshotv1.AddToScheme}
			if err := known.AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			asked := 0
			c := fake.NewClientBuilder().WithScheme(kinds).WithObjects(tc.there...).WithInterceptorFuncs(interceptor.Funcs{
				Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
					if asked++; asked <= tc.refused {
						return errors.New("failed calling webhook: connection refused")
					}
					return c.Create(ctx, object, options...)
				},
			}).Build()
			if err := bring(t.Context(), c, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			if asked != tc.asked {
				t.Errorf("%s: asked %d times, want %d", tc.reason, asked, tc.asked)
			}
			for _, object := range objects() {
				if err := c.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
					t.Errorf("%s: %v", tc.reason, err)
				}
			}
		})
	}
}
