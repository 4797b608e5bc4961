package fill_test

import (
	"encoding/json"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/test/behind"
)

// sent is an image with an attempt to upload its bytes.
func sent(t *testing.T, attempt string) *harvesterv1.VirtualMachineImage {
	t.Helper()
	text, err := json.Marshal(upload.Attempt{ID: attempt, Size: 1000, VirtualSize: 1 << 20, State: upload.Sending, At: stamp(0)})
	if err != nil {
		t.Fatal(err)
	}
	return &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: "sent", UID: "sent", Annotations: map[string]string{harvesterv1.AnnotationUpload: string(text)},
		},
		Spec: harvesterv1.VirtualMachineImageSpec{DisplayName: "sent", SourceType: harvesterv1.ImageSourceUpload},
	}
}

// looked has a controller look at an image once, through a client that is behind.
func looked(t *testing.T, old, live client.Client, told *events.FakeRecorder) {
	t.Helper()
	c := &fill.Controller{
		Client: old, Live: live, Events: told, Now: time.Now, Pause: func(int) time.Duration { return 0 },
	}
	// What is written of what is only remembered may well be refused.
	_, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Namespace: "default", Name: "sent"}})
	if err != nil && !apierrors.IsConflict(err) {
		t.Fatal(err)
	}
}

// there is a client of a site where some objects are.
func there(t *testing.T, objects ...client.Object) client.WithWatch {
	t.Helper()
	kinds := runtime.NewScheme()
	builder := runtime.SchemeBuilder{scheme.AddToScheme, harvesterv1.AddToScheme, cdi.AddToScheme}
	if err := builder.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(kinds).WithStatusSubresource(&harvesterv1.VirtualMachineImage{}).WithObjects(objects...).Build()
}

// TestAttemptUnheardOf keeps the volume of an upload whose beginning the cache has not heard of: nobody sends the bytes
// twice.
func TestAttemptUnheardOf(t *testing.T) {
	now, old := sent(t, "two"), sent(t, "one")
	old.ResourceVersion = "1"
	volume := &cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "sent", Annotations: map[string]string{harvesterv1.AnnotationUpload: "two"},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(now, harvesterv1.VirtualMachineImageKind)},
	}}
	live := there(t, now, volume)
	looked(t, behind.Remembers(live, old), live, events.NewFakeRecorder(1))
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(volume), volume); err != nil {
		t.Errorf("the volume that the bytes are being sent to: %v", err)
	}
}

// TestClaimUnheardOf does not take the volume of an image for lost that the cache does not know.
func TestClaimUnheardOf(t *testing.T) {
	image := sent(t, "one")
	image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "sent"}}
	live, told := there(t, image, claim), events.NewFakeRecorder(8)
	looked(t, behind.Misses(live, claim), live, told)
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(image), image); err != nil || !image.Ready() {
		t.Errorf("an image whose volume is there stays ready: %v, %+v", err, image.Status.Conditions)
	}
	if len(told.Events) > 0 {
		t.Errorf("nobody is told that it is lost: %s", <-told.Events)
	}
}
