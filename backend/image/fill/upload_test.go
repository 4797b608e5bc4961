package fill_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/test/manager"
)

func uploaded(spec *harvesterv1.VirtualMachineImageSpec) {
	spec.SourceType, spec.URL = harvesterv1.ImageSourceUpload, ""
}

// attempt speaks for the server that takes an upload.
func (s *site) attempt(image *harvesterv1.VirtualMachineImage, attempt upload.Attempt) {
	s.T.Helper()
	text, err := json.Marshal(attempt)
	if err != nil {
		s.T.Fatal(err)
	}
	manager.Change(s.Cluster, image, func(i *harvesterv1.VirtualMachineImage) {
		i.Annotations = map[string]string{harvesterv1.AnnotationUpload: string(text)}
	})
}

// volumeOf waits for the volume of an attempt.
func (s *site) volumeOf(image *harvesterv1.VirtualMachineImage, id string) *cdi.DataVolume {
	s.T.Helper()
	volume := &cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: image.Namespace, Name: image.Name}}
	manager.Until(s.Cluster, volume, "be that of attempt "+id, func(v *cdi.DataVolume) bool {
		return v.Annotations[harvesterv1.AnnotationUpload] == id && v.DeletionTimestamp == nil
	})
	return volume
}

func stamp(ago time.Duration) string {
	return time.Now().Add(-ago).UTC().Format(time.RFC3339)
}

// TestUpload follows an upload that breaks off, one that falls silent, and one that comes to its end.
func TestUpload(t *testing.T) {
	s := newSite(t)
	s.class("fast")
	image := s.image("sent", uploaded)
	manager.Until(s.Cluster, image, "wait for its bytes", func(i *harvesterv1.VirtualMachineImage) bool {
		return has(i, harvesterv1.ImageImported, metav1.ConditionUnknown, fill.ReasonUploadAwaited)
	})

	broken := upload.Attempt{ID: "one", Size: 1000, VirtualSize: 3<<20 + 1, State: upload.Sending, At: stamp(0)}
	s.attempt(image, broken)
	first := s.volumeOf(image, "one")
	if first.Spec.Source.Upload == nil {
		t.Errorf("CDI is told that somebody will send the bytes: %+v", first.Spec.Source)
	}
	if got := first.Spec.Storage.Resources.Requests[corev1.ResourceStorage]; got.Value() != 4<<20 {
		t.Errorf("the volume has the size of the disk inside, in whole mebibytes: got %s", got.String())
	}
	s.says(first, "UploadReady", "N/A", cdi.Condition{Status: corev1.ConditionTrue})
	broken.Sent = 420
	s.attempt(image, broken)
	manager.Until(s.Cluster, image, "progress 42", func(i *harvesterv1.VirtualMachineImage) bool {
		return i.Status.Progress == 42 && i.Status.Size == 1000 && has(i, harvesterv1.ImageImported, metav1.ConditionUnknown, fill.ReasonUploading)
	})
	broken.State, broken.Problem = upload.Failed, "the upload broke off"
	s.attempt(image, broken)
	manager.UntilGone(s.Cluster, first)
	manager.Until(s.Cluster, image, "say why, and that it may be tried again", func(i *harvesterv1.VirtualMachineImage) bool {
		return i.Status.Failed == 1 && i.Status.Progress == 0 && has(i, harvesterv1.ImageImported, metav1.ConditionFalse, fill.ReasonUploadFailed) &&
			has(i, harvesterv1.ImageRetryLimitExceeded, metav1.ConditionFalse, fill.ReasonRetriesLeft)
	})

	s.attempt(image, upload.Attempt{ID: "two", Size: 1000, VirtualSize: 1 << 20, State: upload.Sending, At: stamp(time.Hour)})
	manager.Until(s.Cluster, image, "give up what has been silent for an hour", func(i *harvesterv1.VirtualMachineImage) bool {
		return i.Status.Failed == 2 && has(i, harvesterv1.ImageImported, metav1.ConditionFalse, fill.ReasonUploadFailed)
	})

	s.attempt(image, upload.Attempt{ID: "three", Size: 1000, Sent: 1000, VirtualSize: 1 << 20, State: upload.Sent, At: stamp(0)})
	last := s.volumeOf(image, "three")
	s.Make(&corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "sent"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Mi")}},
		},
	})
	s.says(last, "Succeeded", "N/A", cdi.Condition{Status: corev1.ConditionFalse, Reason: "Completed"})
	manager.Until(s.Cluster, image, "be imported", (*harvesterv1.VirtualMachineImage).Ready)
	if image.Status.Progress != 100 || image.Status.VirtualSize != 1<<20 || image.Status.Failed != 2 {
		t.Errorf("the status tells sizes, and how often it failed: %+v", image.Status)
	}
}

// TestCopy follows an image that is a copy of a volume, and one that is a copy of an image.
func TestCopy(t *testing.T) {
	s := newSite(t)
	s.class("fast")
	image := s.image("exported", func(spec *harvesterv1.VirtualMachineImageSpec) {
		spec.SourceType, spec.URL, spec.PVCNamespace, spec.PVCName = harvesterv1.ImageSourceVolume, "", "default", "root"
		spec.Retry = 0 // so that the failure stays to be seen
	})
	manager.Until(s.Cluster, image, "name the volume that is missing", func(i *harvesterv1.VirtualMachineImage) bool {
		imported := harvesterv1.ConditionOf(i.Status.Conditions, harvesterv1.ImageImported)
		return has(i, harvesterv1.ImageImported, metav1.ConditionFalse, fill.ReasonSourceNotReady) && imported.Message == "volume default/root does not exist"
	})
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "root"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
	s.Make(claim)
	manager.Report(s.Cluster, claim, func(c *corev1.PersistentVolumeClaim) {
		c.Status.Phase = corev1.ClaimBound
		c.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("2Gi")}
	})
	volume := s.volume(image)
	if from := volume.Spec.Source.PVC; from == nil || from.Namespace != "default" || from.Name != "root" {
		t.Errorf("CDI copies the volume: %+v", volume.Spec.Source)
	}
	if got := volume.Spec.Storage.Resources.Requests[corev1.ResourceStorage]; got.Value() != 2<<30 {
		t.Errorf("the copy is as large as the volume really is: got %s", got.String())
	}
	s.waitsForMachine(image, volume)
	s.says(volume, "CloneInProgress", "", cdi.Condition{Status: corev1.ConditionFalse, Reason: "Error", Message: "the volume went away"})
	manager.Until(s.Cluster, image, "say that the copy failed", func(i *harvesterv1.VirtualMachineImage) bool { return i.Status.Failed == 1 })
	if !has(image, harvesterv1.ImageImported, metav1.ConditionFalse, fill.ReasonCopyFailed) {
		t.Errorf("a copy is no download: %+v", image.Status.Conditions)
	}

	twin := s.image("twin", func(spec *harvesterv1.VirtualMachineImageSpec) {
		spec.SourceType, spec.URL = harvesterv1.ImageSourceClone, ""
		spec.SecurityParameters = &harvesterv1.ImageSecurityParameters{
			CryptoOperation: "encrypt", SourceImageNamespace: "default", SourceImageName: "exported",
		}
	})
	manager.Until(s.Cluster, twin, "wait for the other image", func(i *harvesterv1.VirtualMachineImage) bool {
		return has(i, harvesterv1.ImageImported, metav1.ConditionFalse, fill.ReasonSourceNotReady)
	})
}

// waitsForMachine has a machine run with the volume that is copied: CDI waits, and the image says for whom.
func (s *site) waitsForMachine(image *harvesterv1.VirtualMachineImage, volume *cdi.DataVolume) {
	s.T.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "virt-launcher-web", Annotations: map[string]string{"kubevirt.io/domain": "web"}},
		Spec: corev1.PodSpec{
			Containers: []corev1.Container{{Name: "compute", Image: "none", VolumeDevices: []corev1.VolumeDevice{{Name: "root", DevicePath: "/dev/root"}}}},
			Volumes: []corev1.Volume{{Name: "root", VolumeSource: corev1.VolumeSource{
				PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: image.Spec.PVCName},
			}}},
		},
	}
	s.Make(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "default"}}) // no pod without one
	s.Make(pod)
	s.says(volume, "CloneInProgress", "N/A", cdi.Condition{Status: corev1.ConditionFalse, Reason: "Pending"})
	manager.Until(s.Cluster, image, "say who is in the way", func(i *harvesterv1.VirtualMachineImage) bool {
		return has(i, harvesterv1.ImageImported, metav1.ConditionUnknown, harvesterv1.ImageReasonSourceUsed) &&
			strings.Contains(i.Hindrance(), "virtual machine web runs with it") && i.Status.Failed == 0
	})
	manager.Report(s.Cluster, pod, func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded })
	s.says(volume, "CloneInProgress", "12.5%", cdi.Condition{Status: corev1.ConditionTrue})
	manager.Until(s.Cluster, image, "go on", func(i *harvesterv1.VirtualMachineImage) bool {
		return i.Status.Progress == 12 && has(i, harvesterv1.ImageImported, metav1.ConditionUnknown, fill.ReasonImporting)
	})
}
