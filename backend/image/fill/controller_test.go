package fill_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/source"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	backingImages, err := controlplane.Longhorn(longhorn.BackingImages.Resource)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(manager.Main(m, &api, manager.Open(cdi.DataVolumeKind, false), backingImages))
}

// site is an API server with the controller running on it, and a source that a test speaks for.
type site struct {
	*manager.Cluster

	probe func(url string) (source.File, error)
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{probe: func(string) (source.File, error) {
		return source.File{Size: 1000, VirtualSize: 3<<20 + 1, Format: source.FormatQCOW2}, nil
	}}
	s.Cluster = manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme, longhorn.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			controller := fill.New(to, fill.Options{FallbackSize: resource.MustParse("10Gi")})
			controller.Probe = func(_ context.Context, url string) (source.File, error) { return s.probe(url) }
			controller.Pause = func(int) time.Duration { return 10 * time.Millisecond }
			return controller.SetUp(to)
		},
	})
	return s
}

func (s *site) class(name string) {
	s.Make(&storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: name, Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}},
		Provisioner: "csi.example.org",
	})
}

func (s *site) image(name string, change func(*harvesterv1.VirtualMachineImageSpec)) *harvesterv1.VirtualMachineImage {
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: harvesterv1.VirtualMachineImageSpec{
			DisplayName: name, SourceType: harvesterv1.ImageSourceDownload, URL: "http://images.example.org/" + name, Retry: 1,
		},
	}
	if change != nil {
		change(&image.Spec)
	}
	// Nobody collects here what belongs to an image that is gone.
	s.RemoveLater(&cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: image.Namespace, Name: image.Name}})
	s.Make(image)
	return image
}

func (s *site) volume(image *harvesterv1.VirtualMachineImage) *cdi.DataVolume {
	s.T.Helper()
	volume := &cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: image.Namespace, Name: image.Name}}
	manager.Until(s.Cluster, volume, "exist", func(v *cdi.DataVolume) bool { return v.DeletionTimestamp == nil })
	return volume
}

// says speaks for CDI.
func (s *site) says(volume *cdi.DataVolume, phase, progress string, running cdi.Condition) {
	s.T.Helper()
	running.Type = "Running"
	manager.Change(s.Cluster, volume, func(v *cdi.DataVolume) {
		v.Status.Progress = cdi.Progress(progress)
		v.Status.Phase = cdi.Phase(phase)
		v.Status.Conditions = []cdi.Condition{running}
	})
}

func has(image *harvesterv1.VirtualMachineImage, kind string, status metav1.ConditionStatus, reason string) bool {
	condition := harvesterv1.ConditionOf(image.Status.Conditions, kind)
	return condition != nil && condition.Status == status && condition.Reason == reason
}

func TestDownload(t *testing.T) {
	s := newSite(t)
	s.class("fast")
	image := s.image("debian", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.Checksum = strings.Repeat("ab", 64) })

	volume := s.volume(image)
	if got, want := volume.Spec.Source.HTTP.Checksum, "sha512:"+image.Spec.Checksum; got != want {
		t.Errorf("the checksum is CDI's to check: want %q, got %q", want, got)
	}
	if got := volume.Spec.Storage.Resources.Requests[corev1.ResourceStorage]; got.Value() != 4<<20 {
		t.Errorf("the volume has the virtual size in whole mebibytes: got %s", got.String())
	}
	if got := volume.Annotations[harvesterv1.AnnotationImageID]; got != "default/debian" {
		t.Errorf("the golden volume says whose it is: got %q", got)
	}
	if !metav1.IsControlledBy(volume, image) {
		t.Error("the golden volume goes with its image")
	}

	s.says(volume, "ImportInProgress", "42.5%", cdi.Condition{Status: corev1.ConditionTrue})
	manager.Until(s.Cluster, image, "progress 42", func(i *harvesterv1.VirtualMachineImage) bool {
		return i.Status.Progress == 42 && has(i, harvesterv1.ImageImported, metav1.ConditionUnknown, fill.ReasonImporting) &&
			has(i, harvesterv1.ImageInitialized, metav1.ConditionTrue, fill.ReasonMeasured)
	})

	s.Make(&corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "debian"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("4Mi")}},
		},
	})
	s.says(volume, "Succeeded", "100.0%", cdi.Condition{Status: corev1.ConditionFalse, Reason: "Completed"})
	manager.Until(s.Cluster, image, "imported", (*harvesterv1.VirtualMachineImage).Ready)
	if image.Status.Progress != 100 || image.Status.Size != 1000 || image.Status.VirtualSize != 3<<20+1 || image.Status.StorageClassName != "fast" {
		t.Errorf("the status tells sizes and class: %+v", image.Status)
	}
}

func TestDownloadFails(t *testing.T) {
	s := newSite(t)
	s.class("fast")
	notFound := cdi.Condition{Status: corev1.ConditionFalse, Reason: "Error", Message: "expected status code 200, got 404. Status: 404 Not Found"}

	t.Run("Importer", func(t *testing.T) {
		image := s.image("gone", nil)
		first := s.volume(image)
		s.says(first, "ImportInProgress", "", notFound)
		second := &cdi.DataVolume{ObjectMeta: first.ObjectMeta}
		manager.Until(s.Cluster, second, "be made anew", func(v *cdi.DataVolume) bool { return v.UID != first.UID })
		s.says(second, "ImportInProgress", "", notFound)
		manager.Until(s.Cluster, image, "given up after retry 1", func(i *harvesterv1.VirtualMachineImage) bool {
			return i.Status.Failed == 2 && has(i, harvesterv1.ImageRetryLimitExceeded, metav1.ConditionTrue, fill.ReasonDownloadFailed)
		})
		imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
		if imported.Message != notFound.Message || imported.Status != metav1.ConditionFalse {
			t.Errorf("the importer's own words are told: %+v", imported)
		}
		manager.UntilGone(s.Cluster, second)
	})
	t.Run("Checksum", func(t *testing.T) {
		image := s.image("forged", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.Retry = 10 })
		volume := s.volume(image)
		s.says(volume, "Failed", "", cdi.Condition{Status: corev1.ConditionFalse, Reason: "ChecksumError", Message: "checksum mismatch"})
		manager.Until(s.Cluster, image, "given up at once", func(i *harvesterv1.VirtualMachineImage) bool {
			return i.Status.Failed == 1 && has(i, harvesterv1.ImageRetryLimitExceeded, metav1.ConditionTrue, fill.ReasonChecksumMismatch)
		})
	})
	t.Run("Source", func(t *testing.T) {
		s.probe = func(string) (source.File, error) { return source.File{}, errors.New(`images answers "404 Not Found"`) }
		image := s.image("missing", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.Retry = 0 })
		manager.Until(s.Cluster, image, "given up without a retry", func(i *harvesterv1.VirtualMachineImage) bool {
			return i.Status.Failed == 1 && i.Status.LastFailedTime != "" &&
				has(i, harvesterv1.ImageInitialized, metav1.ConditionFalse, fill.ReasonDownloadFailed) &&
				has(i, harvesterv1.ImageRetryLimitExceeded, metav1.ConditionTrue, fill.ReasonDownloadFailed)
		})
		if said := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageInitialized).Message; !strings.Contains(said, "404") {
			t.Errorf("Terraform ends with the sentence of this condition: %q", said)
		}
	})
	t.Run("SourceOnce", func(t *testing.T) {
		s.probe = func(string) (source.File, error) {
			return source.File{}, errors.New(`images answers "503 Service Unavailable"`)
		}
		image := s.image("busy", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.Retry = 10 })
		manager.Until(s.Cluster, image, "fail once", func(i *harvesterv1.VirtualMachineImage) bool {
			return i.Status.Failed > 0 && has(i, harvesterv1.ImageInitialized, metav1.ConditionUnknown, fill.ReasonDownloadFailed)
		})
		if said := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageInitialized).Message; said != "" {
			t.Errorf("Terraform gives up when this condition says something, and there are attempts left: %q", said)
		}
	})
}

func TestDownloadWaits(t *testing.T) {
	s := newSite(t)
	s.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "foreign"}, Provisioner: "csi.example.org"})
	cases := map[string]struct {
		reason string
		change func(*harvesterv1.VirtualMachineImageSpec)
		status metav1.ConditionStatus
		word   string
		// initialized is False when only a person can help.
		initialized metav1.ConditionStatus
	}{
		"no-class": {
			reason: "a class that does not exist is named",
			change: func(spec *harvesterv1.VirtualMachineImageSpec) { spec.TargetStorageClassName = "gold" },
			status: metav1.ConditionFalse, word: fill.ReasonClassNotFound, initialized: metav1.ConditionFalse,
		},
		"upload": {
			reason: "an upload waits for its bytes",
			change: func(spec *harvesterv1.VirtualMachineImageSpec) {
				spec.SourceType, spec.URL = harvesterv1.ImageSourceUpload, ""
			},
			status: metav1.ConditionUnknown, word: fill.ReasonUploadAwaited, initialized: metav1.ConditionUnknown,
		},
		"backed": {
			reason: "Longhorn keeps nothing on storage that is not its own",
			change: func(spec *harvesterv1.VirtualMachineImageSpec) {
				spec.Backend, spec.TargetStorageClassName = harvesterv1.ImageBackendBackingImage, "foreign"
			},
			status: metav1.ConditionFalse, word: fill.ReasonBackendUnknown, initialized: metav1.ConditionFalse,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			manager.Until(s.Cluster, s.image(name, tc.change), tc.reason, func(i *harvesterv1.VirtualMachineImage) bool {
				return has(i, harvesterv1.ImageImported, tc.status, tc.word) && has(i, harvesterv1.ImageInitialized, tc.initialized, tc.word)
			})
		})
	}
	t.Run("LeftOver", func(t *testing.T) {
		claim := &corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "again", OwnerReferences: []metav1.OwnerReference{{
				APIVersion: cdi.GroupVersion.String(), Kind: cdi.DataVolumeKind.Kind, Name: "again", UID: "gone", Controller: ptr.To(true),
			}}},
			Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
				Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("4Mi")}},
			},
		}
		s.class("slow")
		s.Make(claim)
		image := s.image("again", nil)
		manager.Until(s.Cluster, image, "wait for what the last attempt has left to be collected", func(i *harvesterv1.VirtualMachineImage) bool {
			imported := harvesterv1.ConditionOf(i.Status.Conditions, harvesterv1.ImageImported)
			return imported != nil && imported.Message == "what is left of the last attempt is being removed"
		})
	})
	t.Run("ClassAppears", func(t *testing.T) {
		image := s.image("patient", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.TargetStorageClassName = "late" })
		manager.Until(s.Cluster, image, "wait", func(i *harvesterv1.VirtualMachineImage) bool {
			return has(i, harvesterv1.ImageImported, metav1.ConditionFalse, fill.ReasonClassNotFound)
		})
		s.class("late")
		s.volume(image)
	})
}

func TestImageKeepsItsWord(t *testing.T) {
	s := newSite(t)
	cases := map[string]struct {
		reason string
		change func(*harvesterv1.VirtualMachineImageSpec)
		field  string
	}{
		"NoURL":      {"a download needs a url", func(i *harvesterv1.VirtualMachineImageSpec) { i.URL = "" }, "spec.url"},
		"UploadURL":  {"an upload has no url", func(i *harvesterv1.VirtualMachineImageSpec) { i.SourceType = "upload" }, "spec.url"},
		"Name":       {"a display name is a label value", func(i *harvesterv1.VirtualMachineImageSpec) { i.DisplayName = "a b" }, "spec.displayName"},
		"SourceType": {"a source type is one of five", func(i *harvesterv1.VirtualMachineImageSpec) { i.SourceType = "magic" }, "spec.sourceType"},
		"Retry":      {"retries end at ten", func(i *harvesterv1.VirtualMachineImageSpec) { i.Retry = 11 }, "spec.retry"},
		"Checksum":   {"a checksum is a SHA-512", func(i *harvesterv1.VirtualMachineImageSpec) { i.Checksum = "abc" }, "spec.checksum"},
		"Volume":     {"an export names its volume", func(i *harvesterv1.VirtualMachineImageSpec) { i.SourceType, i.URL = "export-from-volume", "" }, "spec.pvcName"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			image := &harvesterv1.VirtualMachineImage{
				ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "odd"},
				Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: "odd", SourceType: "download", URL: "http://images/odd"},
			}
			tc.change(&image.Spec)
			requireInvalid(t, s.Create(t.Context(), image), tc.field, tc.reason)
		})
	}
	t.Run("Immutable", func(t *testing.T) {
		image := s.image("fixed", nil)
		manager.Until(s.Cluster, image, "be seen", func(i *harvesterv1.VirtualMachineImage) bool { return len(i.Status.Conditions) > 0 })
		image.Spec.URL = "http://images.example.org/other"
		requireInvalid(t, s.Update(t.Context(), image), "spec.url", "volumes have been cut from what url held")
	})
}

func requireInvalid(t *testing.T, err error, field, reason string) {
	t.Helper()
	if !apierrors.IsInvalid(err) {
		t.Fatalf("%s: want 422, got %v", reason, err)
	}
	var status apierrors.APIStatus
	errors.As(err, &status)
	named := slices.ContainsFunc(status.Status().Details.Causes, func(cause metav1.StatusCause) bool { return cause.Field == field })
	if !named {
		t.Errorf("%s: want field %s named, got %v", reason, field, err)
	}
}

// TestSlowSource holds that a source which does not answer keeps no other image waiting.
func TestSlowSource(t *testing.T) {
	s := newSite(t)
	s.class("fast")
	release, found := make(chan struct{}), s.probe
	s.probe = func(url string) (source.File, error) {
		if strings.HasSuffix(url, "slow") {
			<-release
		}
		return found(url)
	}
	t.Cleanup(func() { close(release) })
	s.image("slow", nil)
	s.volume(s.image("quick", nil))
}
