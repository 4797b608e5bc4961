package deliver_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/image/deliver"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/behind"
)

// TestBelong holds that a downloader goes with no image that is only remembered: it would be collected.
func TestBelong(t *testing.T) {
	gone := &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "debian", UID: "gone"}}
	gone.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	anew := gone.DeepCopy()
	anew.UID = "anew"
	cases := map[string]struct {
		reason string
		now    []client.Object
	}{
		"Gone": {"an image that is gone has no downloads", nil},
		"Anew": {"another of its name will be heard of", []client.Object{anew}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			wants := &harvesterv1.VirtualMachineImageDownloader{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "debian"}}
			kinds := runtime.NewScheme()
			if err := harvesterv1.AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			live := fake.NewClientBuilder().WithScheme(kinds).WithStatusSubresource(wants).WithObjects(append(tc.now, wants)...).Build()
			c := &deliver.Controller{Client: behind.Remembers(live, gone), Live: live, Now: time.Now}
			if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(wants)}); err != nil {
				t.Fatal(err)
			}
			if err := live.Get(t.Context(), client.ObjectKeyFromObject(wants), wants); err != nil {
				t.Fatal(err)
			}
			if owners := wants.OwnerReferences; len(owners) > 0 {
				t.Errorf("%s: the downloader goes with %v", tc.reason, owners)
			}
		})
	}
}
