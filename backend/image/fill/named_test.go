package fill_test

import (
	"fmt"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/image/fill"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/test/manager"
)

// TestNamesakes makes images of one display name in the same moment, when no webhook could know of the others.
func TestNamesakes(t *testing.T) {
	s := newSite(t)
	s.class("fast")
	var made sync.WaitGroup
	images := make([]*harvesterv1.VirtualMachineImage, 6)
	for i := range images {
		images[i] = &harvesterv1.VirtualMachineImage{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: fmt.Sprintf("twin-%d", i)},
			Spec: harvesterv1.VirtualMachineImageSpec{
				DisplayName: "twin", SourceType: harvesterv1.ImageSourceDownload, URL: "http://images.example.org/twin", Retry: 1,
			},
		}
		s.RemoveLater(&cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: images[i].Name}})
		made.Go(func() {
			if err := s.Create(t.Context(), images[i]); err != nil {
				t.Error(err)
			}
		})
		s.RemoveLater(images[i])
	}
	made.Wait()
	var filled, waiting []*harvesterv1.VirtualMachineImage
	for _, image := range images {
		manager.Until(s.Cluster, image, "say how it is", func(i *harvesterv1.VirtualMachineImage) bool { return imported(i) != nil })
		if imported(image).Reason == fill.ReasonDisplayNameTaken {
			waiting = append(waiting, image)
		} else {
			filled = append(filled, image)
		}
	}
	if len(filled) != 1 {
		t.Fatalf("one image has the name, and %d are filled", len(filled))
	}
	s.volume(filled[0])
	for _, image := range waiting {
		if err := s.Get(t.Context(), client.ObjectKeyFromObject(image), &cdi.DataVolume{}); client.IgnoreNotFound(err) != nil || err == nil {
			t.Errorf("image %s is not filled: %v", image.Name, err)
		}
	}

	for _, image := range append(filled, waiting[1:]...) {
		if err := s.Delete(t.Context(), image); err != nil {
			t.Fatal(err)
		}
		manager.UntilNotFound(s.Cluster, image)
	}
	manager.Change(s.Cluster, waiting[0], func(i *harvesterv1.VirtualMachineImage) { i.Spec.Description = "looked at again" })
	s.volume(waiting[0])
}

func imported(image *harvesterv1.VirtualMachineImage) *harvesterv1.Condition {
	return harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
}
