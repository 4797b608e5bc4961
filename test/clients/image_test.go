package clients

import (
	"context"
	"fmt"
	"strings"
	"testing"

	harvesterv1 "github.com/harvester/harvester/pkg/apis/harvesterhci.io/v1beta1"
	"github.com/harvester/harvester/pkg/builder"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// tiny is the file of the guest that boots in a second.
const tiny = "croft-tiny.qcow2"

// imageAt is an image as the Terraform provider makes it; it says nothing of a backend unless its user does.
func (s *site) imageAt(name, file string) *harvesterv1.VirtualMachineImage {
	return &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: s.namespace, Annotations: map[string]string{builder.AnnotationKeyDescription: "An image."}},
		Spec: harvesterv1.VirtualMachineImageSpec{
			DisplayName: name, SourceType: harvesterv1.VirtualMachineImageSourceTypeDownload, URL: s.images + "/" + file, Retry: 1,
		},
	}
}

// makeImage makes an image and waits until it is imported.
func (s *site) makeImage(t *testing.T, image *harvesterv1.VirtualMachineImage) *harvesterv1.VirtualMachineImage {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	images := s.harvester.HarvesterhciV1beta1().VirtualMachineImages(s.namespace)
	events, err := images.Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + image.Name})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	if _, err := images.Create(ctx, image, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for event := range events.ResultChan() {
		found, is := event.Object.(*harvesterv1.VirtualMachineImage)
		if !is {
			t.Fatalf("told of %T", event.Object)
		}
		done, failure := ends(found)
		if failure != "" {
			t.Fatalf("image %s failed: %s: %+v", image.Name, failure, found.Status)
		}
		if done {
			return found
		}
	}
	t.Fatalf("image %s is not imported within %v", image.Name, patience)
	return nil
}

// ends says whether an image is there, as the Terraform provider sees it, or what has failed: an image that is not
// initialized fails by the message that says why not, at any time; and Harvester's page shows a condition False as failed.
func ends(image *harvesterv1.VirtualMachineImage) (done bool, failure string) {
	if harvesterv1.ImageInitialized.IsTrue(image) {
		if harvesterv1.ImageImported.IsFalse(image) {
			return false, harvesterv1.ImageImported.GetMessage(image)
		}
		return harvesterv1.ImageImported.IsTrue(image), ""
	}
	if harvesterv1.ImageInitialized.IsFalse(image) {
		return false, "not initialized: " + harvesterv1.ImageInitialized.GetMessage(image)
	}
	return false, harvesterv1.ImageInitialized.GetMessage(image)
}

func TestImage(t *testing.T) {
	s := open(t, "clients-image")
	images := s.harvester.HarvesterhciV1beta1().VirtualMachineImages(s.namespace)
	for name, backend := range map[string]harvesterv1.VMIBackend{
		"nobody-says": "", "as-before": harvesterv1.VMIBackendBackingImage, "by-cdi": harvesterv1.VMIBackendCDI,
	} {
		t.Run(name, func(t *testing.T) {
			wanted := s.imageAt(name, tiny)
			wanted.Spec.Backend = backend
			image := s.makeImage(t, wanted)
			if !harvesterv1.ImageInitialized.IsTrue(image) {
				t.Errorf("it is initialized: %+v", image.Status.Conditions)
			}
			status := image.Status
			if status.Progress != 100 || status.Size <= 0 || status.VirtualSize < status.Size || status.StorageClassName == "" || status.AppliedURL != image.Spec.URL {
				t.Errorf("status %+v", status)
			}
			change := func(edit func(*harvesterv1.VirtualMachineImage)) error {
				return changed(t.Context(), images.Get, images.Update, name, edit)
			}
			if err := change(func(image *harvesterv1.VirtualMachineImage) {
				image.Spec.Description = "Another one."
				image.Labels["tag.harvesterhci.io/os"] = "tiny"
			}); err != nil {
				t.Fatalf("description and tags can change: %v", err)
			}
			if err := change(func(image *harvesterv1.VirtualMachineImage) { image.Spec.URL += "?other" }); !apierrors.IsInvalid(err) {
				t.Errorf("the URL cannot: %v", err)
			}
			if err := images.Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
				t.Fatal(err)
			}
			gone(t, "image", func() error {
				_, err := images.Get(t.Context(), name, metav1.GetOptions{})
				return err
			})
		})
	}
}

// TestForeignImage changes an image that somebody has made without the texts that the library always writes.
func TestForeignImage(t *testing.T) {
	s := open(t, "clients-foreign")
	s.raw(t, "POST", "harvesterhci.io.virtualmachineimages", map[string]any{
		"apiVersion": "harvesterhci.io/v1beta1", "kind": "VirtualMachineImage",
		"metadata": map[string]any{"namespace": s.namespace, "name": "uploaded"},
		"spec":     map[string]any{"displayName": "uploaded", "sourceType": "upload"},
	})
	images := s.harvester.HarvesterhciV1beta1().VirtualMachineImages(s.namespace)
	if err := changed(t.Context(), images.Get, images.Update, "uploaded", func(image *harvesterv1.VirtualMachineImage) {
		image.Spec.Description = "Changed."
	}); err != nil {
		t.Errorf("an empty text is none: %v", err)
	}
}

// TestImageFails waits for the end of an import that cannot succeed, which the Terraform provider tells its user.
func TestImageFails(t *testing.T) {
	s := open(t, "clients-fails")
	images := s.harvester.HarvesterhciV1beta1().VirtualMachineImages(s.namespace)
	if _, err := images.Create(t.Context(), s.imageAt("gone", "gone.qcow2"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the failure", func() error {
		image, err := images.Get(t.Context(), "gone", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if !harvesterv1.ImageRetryLimitExceeded.IsTrue(image) || !harvesterv1.ImageImported.IsFalse(image) || image.Status.Failed == 0 {
			return fmt.Errorf("status %+v", image.Status)
		}
		if _, failure := ends(image); !strings.Contains(failure, "404") {
			return fmt.Errorf("the provider tells its user %q", failure)
		}
		return nil
	})
}

// claim is a volume as the Terraform provider makes it, of an image unless there is none.
func (s *site) claim(name, size string, image *harvesterv1.VirtualMachineImage) *corev1.PersistentVolumeClaim {
	block := corev1.PersistentVolumeBlock
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: s.namespace, Annotations: map[string]string{}},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, VolumeMode: &block,
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}},
		},
	}
	if image != nil {
		claim.Annotations[builder.AnnotationKeyImageID] = image.Namespace + "/" + image.Name
		claim.Spec.StorageClassName = &image.Status.StorageClassName
	}
	return claim
}

// makeClaim makes a volume and waits until it is bound.
func (s *site) makeClaim(t *testing.T, wanted *corev1.PersistentVolumeClaim) *corev1.PersistentVolumeClaim {
	t.Helper()
	claims := s.kube.CoreV1().PersistentVolumeClaims(s.namespace)
	if _, err := claims.Create(t.Context(), wanted, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	var found *corev1.PersistentVolumeClaim
	eventually(t, "volume "+wanted.Name, func() (err error) {
		if found, err = claims.Get(t.Context(), wanted.Name, metav1.GetOptions{}); err != nil {
			return err
		}
		if found.Status.Phase != corev1.ClaimBound {
			return fmt.Errorf("phase %q", found.Status.Phase)
		}
		return nil
	})
	return found
}

func TestVolume(t *testing.T) {
	s := open(t, "clients-volume")
	image := s.makeImage(t, s.imageAt("tiny", tiny))
	blank := s.makeClaim(t, s.claim("blank", "32Mi", nil))
	s.makeClaim(t, s.claim("of-image", "1Gi", image))
	byName := s.claim("by-name", "1Gi", image)
	made := builder.BuildImageStorageClassName("", image.Name) // the provider does not look what the image says
	byName.Spec.StorageClassName = &made
	s.makeClaim(t, byName)
	images := s.harvester.HarvesterhciV1beta1().VirtualMachineImages(s.namespace)
	if err := images.Delete(t.Context(), image.Name, metav1.DeleteOptions{}); !apierrors.IsConflict(err) && !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) {
		t.Errorf("an image that a volume is of stays: %v", err)
	}

	claims := s.kube.CoreV1().PersistentVolumeClaims(s.namespace)
	blank.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("64Mi")
	if _, err := claims.Update(t.Context(), blank, metav1.UpdateOptions{}); err != nil {
		t.Fatalf("a volume grows: %v", err)
	}
	eventually(t, "the volume has grown", func() error {
		found, err := claims.Get(t.Context(), "blank", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if now := found.Status.Capacity.Storage(); now.Cmp(resource.MustParse("64Mi")) < 0 {
			return fmt.Errorf("it has %s", now)
		}
		return nil
	})
	for _, name := range []string{"blank", "of-image", "by-name"} {
		if err := claims.Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		gone(t, name, func() error {
			_, err := claims.Get(t.Context(), name, metav1.GetOptions{})
			return err
		})
	}
	if err := images.Delete(t.Context(), image.Name, metav1.DeleteOptions{}); err != nil {
		t.Errorf("an image that nothing uses goes: %v", err)
	}
}
