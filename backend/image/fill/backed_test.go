package fill_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/source"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/test/manager"
)

// longhornClass makes the class of a site on Longhorn, and Longhorn's namespace.
func (s *site) longhornClass(name string, parameters map[string]string) {
	s.T.Helper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: longhorn.Namespace}}
	if err := s.Create(s.T.Context(), namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		s.T.Fatal(err)
	}
	s.Make(&storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: name, Annotations: map[string]string{harvesterv1.AnnotationDefaultClass: "true"}},
		Provisioner: longhorn.Driver, Parameters: parameters,
	})
}

func backed(spec *harvesterv1.VirtualMachineImageSpec) {
	spec.Backend = harvesterv1.ImageBackendBackingImage
}

// backing waits for the backing image of an attempt.
func (s *site) backing(image *harvesterv1.VirtualMachineImage, attempt string) *longhorn.BackingImage {
	s.T.Helper()
	found := &longhorn.BackingImage{ObjectMeta: metav1.ObjectMeta{Namespace: longhorn.Namespace, Name: image.BackingImage()}}
	manager.Until(s.Cluster, found, "be that of attempt "+attempt, func(b *longhorn.BackingImage) bool {
		return b.DeletionTimestamp == nil && b.Annotations["harvesterhci.io/attempt"] == attempt
	})
	return found
}

// longhornSays speaks for Longhorn.
func (s *site) longhornSays(of *longhorn.BackingImage, file longhorn.BackingImageCopy, size, virtual int64) {
	s.T.Helper()
	manager.Report(s.Cluster, of, func(b *longhorn.BackingImage) {
		b.Status.Size, b.Status.VirtualSize = size, virtual
		b.Status.DiskFileStatusMap = map[string]*longhorn.BackingImageCopy{"disk-1": &file}
	})
}

// TestBackedDownload follows an image that Longhorn keeps, from its download to its end.
func TestBackedDownload(t *testing.T) {
	s := newSite(t)
	s.longhornClass("longhorn", map[string]string{"numberOfReplicas": "3", "diskSelector": "ssd", "backingImage": "another"})
	image := s.image("backed", func(spec *harvesterv1.VirtualMachineImageSpec) {
		backed(spec)
		spec.Checksum = strings.Repeat("ab", 64)
	})
	first := s.backing(image, "1")
	want := longhorn.BackingImageSpec{
		SourceType: "download", SourceParameters: map[string]string{"url": image.Spec.URL}, Checksum: image.Spec.Checksum,
		MinNumberOfCopies: 3, DiskSelector: []string{"ssd"}, DataEngine: "v1",
	}
	if diff := cmp.Diff(want, first.Spec); diff != "" {
		t.Errorf("Longhorn is told where the bytes are and where they are to lie: -want +got:\n%s", diff)
	}
	s.longhornSays(first, longhorn.BackingImageCopy{State: "in-progress", Progress: 42}, 0, 0)
	manager.Until(s.Cluster, image, "progress 42", func(i *harvesterv1.VirtualMachineImage) bool {
		return i.Status.Progress == 42 && has(i, harvesterv1.ImageImported, metav1.ConditionUnknown, fill.ReasonImporting)
	})
	s.longhornSays(first, longhorn.BackingImageCopy{State: "failed", Message: "404 Not Found"}, 0, 0)
	second := s.backing(image, "2")
	s.longhornSays(second, longhorn.BackingImageCopy{State: "ready", Progress: 100}, 1024, 4<<20)
	manager.Until(s.Cluster, image, "be imported", (*harvesterv1.VirtualMachineImage).Ready)
	if status := image.Status; status.Size != 1024 || status.VirtualSize != 4<<20 || status.Progress != 100 || status.Failed != 1 ||
		status.StorageClassName != "lh-"+string(image.UID) || status.TargetStorageClassName != "longhorn" {
		t.Errorf("the status tells sizes, classes and how often it failed: %+v", status)
	}
	if !has(image, harvesterv1.ImageInitialized, metav1.ConditionTrue, fill.ReasonMeasured) ||
		!has(image, harvesterv1.ImageRetryLimitExceeded, metav1.ConditionFalse, fill.ReasonRetriesLeft) ||
		!has(image, harvesterv1.ImageBackingImageMissing, metav1.ConditionFalse, fill.ReasonBackingImageThere) {
		t.Errorf("the conditions are Harvester's: %+v", image.Status.Conditions)
	}
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: image.OwnClass()}}
	manager.Until(s.Cluster, class, "exist", func(*storagev1.StorageClass) bool { return true })
	parameters := map[string]string{"numberOfReplicas": "3", "diskSelector": "ssd", "backingImage": "vmi-" + string(image.UID)}
	if diff := cmp.Diff(parameters, class.Parameters); diff != "" || class.Provisioner != longhorn.Driver {
		t.Errorf("volumes of the class start from the backing image: -want +got:\n%s", diff)
	}

	s.ends(image, second, class)
}

// ends removes an image, and what is Longhorn's of it.
func (s *site) ends(image *harvesterv1.VirtualMachineImage, kept *longhorn.BackingImage, class *storagev1.StorageClass) {
	s.T.Helper()
	manager.Change(s.Cluster, kept, func(b *longhorn.BackingImage) { b.Finalizers = []string{"longhorn.io"} })
	if err := s.Delete(s.T.Context(), image); err != nil {
		s.T.Fatal(err)
	}
	manager.UntilGone(s.Cluster, class)
	manager.UntilGone(s.Cluster, kept)
	if err := s.Get(s.T.Context(), client.ObjectKeyFromObject(image), image); err != nil {
		s.T.Errorf("the image stays until Longhorn has taken its bytes away: %v", err)
	}
	manager.Change(s.Cluster, kept, func(b *longhorn.BackingImage) { b.Finalizers = nil })
	manager.UntilNotFound(s.Cluster, image)
}

// TestBackedTroubles asks what becomes of images that Longhorn cannot keep.
func TestBackedTroubles(t *testing.T) {
	s := newSite(t)
	s.longhornClass("longhorn", nil)
	cases := map[string]struct {
		reason string
		change func(*harvesterv1.VirtualMachineImageSpec)
		probe  func(string) (source.File, error)
		says   longhorn.BackingImageCopy
		want   string
	}{
		"Unreached": {
			"a server that does not answer is a failed attempt", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.Retry = 0 },
			func(string) (source.File, error) { return source.File{}, errors.New("nobody there") }, longhorn.BackingImageCopy{}, fill.ReasonDownloadFailed,
		},
		"Packed": {
			"Longhorn takes a file as it is", nil,
			func(string) (source.File, error) { return source.File{Format: source.FormatXZ}, nil }, longhorn.BackingImageCopy{}, fill.ReasonFormatUnknown,
		},
		"Forged": {
			"a wrong file is not fetched again", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.Retry = 3 }, nil,
			longhorn.BackingImageCopy{State: "failed", Message: "expected checksum ab doesn't match cd"}, fill.ReasonChecksumMismatch,
		},
		"OutOfRetries": {
			"no attempt is left", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.Retry = 0 }, nil,
			longhorn.BackingImageCopy{State: "failed-and-cleanup", Message: "no space left"}, fill.ReasonDownloadFailed,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			was := s.probe
			defer func() { s.probe = was }()
			if tc.probe != nil {
				s.probe = tc.probe
			}
			s := &site{Cluster: s.For(t), probe: s.probe}
			image := s.image("trouble-"+strings.ToLower(name), func(spec *harvesterv1.VirtualMachineImageSpec) {
				backed(spec)
				if tc.change != nil {
					tc.change(spec)
				}
			})
			if tc.says.State != "" {
				s.longhornSays(s.backing(image, "1"), tc.says, 0, 0)
			}
			manager.Until(s.Cluster, image, tc.reason, func(i *harvesterv1.VirtualMachineImage) bool {
				return has(i, harvesterv1.ImageImported, metav1.ConditionFalse, tc.want) && has(i, harvesterv1.ConditionStalled, metav1.ConditionTrue, tc.want)
			})
		})
	}
}

// TestBackedLeaving holds that an image says why it failed also when Longhorn takes its time to take away what is left.
func TestBackedLeaving(t *testing.T) {
	s := newSite(t)
	s.longhornClass("longhorn", nil)
	image := s.image("leaving", func(spec *harvesterv1.VirtualMachineImageSpec) {
		backed(spec)
		spec.Retry = 0
	})
	left := s.backing(image, "1")
	manager.Change(s.Cluster, left, func(b *longhorn.BackingImage) { b.Finalizers = []string{"longhorn.io"} })
	s.longhornSays(left, longhorn.BackingImageCopy{State: "failed", Message: "no space left"}, 0, 0)
	manager.Until(s.Cluster, left, "be on its way out", func(b *longhorn.BackingImage) bool { return b.DeletionTimestamp != nil })
	says := func(i *harvesterv1.VirtualMachineImage) bool {
		imported := harvesterv1.ConditionOf(i.Status.Conditions, harvesterv1.ImageImported)
		return imported.Reason == fill.ReasonDownloadFailed && imported.Message == "no space left"
	}
	manager.Change(s.Cluster, image, func(i *harvesterv1.VirtualMachineImage) { i.Spec.Description = "looked at meanwhile" })
	manager.Until(s.Cluster, image, "be looked at, and keep its words", func(i *harvesterv1.VirtualMachineImage) bool {
		return i.Status.ObservedGeneration == i.Generation && says(i)
	})
	manager.Change(s.Cluster, left, func(b *longhorn.BackingImage) { b.Finalizers = nil })
	manager.Until(s.Cluster, image, "be given up, and say why", func(i *harvesterv1.VirtualMachineImage) bool {
		return harvesterv1.ConditionIsTrue(i.Status.Conditions, harvesterv1.ConditionStalled) && says(i)
	})
}
