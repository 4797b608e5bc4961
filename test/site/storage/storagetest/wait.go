package storagetest

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/site"
)

// Until reads an object until the condition answers "", and fails the test with
// what it answered last.
func Until[O client.Object](t testing.TB, s *site.Site, object O, condition func(O) string) O {
	t.Helper()
	key := client.ObjectKeyFromObject(object)
	said := "it was never read"
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if err := s.Client.Get(context.Background(), key, object); err != nil {
			said = err.Error()
			continue
		}
		if said = condition(object); said == "" {
			return object
		}
	}
	t.Fatalf("%T %s: %s", object, key, said)
	return object
}

// Bound is a claim's condition: it has a volume.
func Bound(claim *corev1.PersistentVolumeClaim) string {
	if claim.Status.Phase != corev1.ClaimBound {
		return "its phase is " + string(claim.Status.Phase)
	}
	return ""
}

// Create makes an object, or fails the test.
func Create(t testing.TB, s *site.Site, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := s.Client.Create(context.Background(), object); err != nil {
			t.Fatal(err)
		}
	}
}

// Disk is the path of a bound claim's bytes.
func Disk(t testing.TB, s *site.Site, claim *corev1.PersistentVolumeClaim) string {
	t.Helper()
	var volume corev1.PersistentVolume
	if err := s.Client.Get(context.Background(), client.ObjectKey{Name: claim.Spec.VolumeName}, &volume); err != nil {
		t.Fatal(err)
	}
	return s.VolumePath(volume.Spec.CSI.VolumeHandle)
}
