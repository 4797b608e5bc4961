package main

import (
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/image"
	imageadmission "crofthci.io/croft/backend/image/admission"
	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// imageSheet asks for the download of what has no bytes really: that there are none is said only then.
var imageSheet = sheet{
	file: "images.golden.md", noun: "an image", at: images, actions: image.Actions, links: []string{"download", "downloadcancel", "update", "remove"},
	subject: imageOf, stances: imageStances,
	prepare: func(t *testing.T) {
		guard(t, imageadmission.SetUp, imageadmission.ValidatePath)
	},
	asked: map[string][]string{
		"new": {"download"}, "awaiting an upload": {"download"}, "uploading": {"download"}, "upload failed": {"download"},
		"downloading": {"download"}, "failed": {"download"}, "in use": {"remove"},
	},
}

func imageOf(t *testing.T, name string) any {
	t.Helper()
	return read(t, &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}})
}

// imageStances are the states that an image can be in.
var imageStances = []stance{
	{"new", func(t *testing.T, name string) { imaged(t, name, harvesterv1.ImageSourceUpload, nil) }},
	{"awaiting an upload", func(t *testing.T, name string) {
		imaged(t, name, harvesterv1.ImageSourceUpload, nil, notYet(fill.ReasonUploadAwaited))
	}},
	{"uploading", func(t *testing.T, name string) {
		imaged(t, name, harvesterv1.ImageSourceUpload, &upload.Attempt{ID: "a", State: upload.Sending, At: "2026-01-01T00:00:00Z"}, notYet(fill.ReasonUploading))
	}},
	{"upload failed", func(t *testing.T, name string) {
		imaged(t, name, harvesterv1.ImageSourceUpload, &upload.Attempt{ID: "a", State: upload.Failed, At: "2026-01-01T00:00:00Z"}, notYet(fill.ReasonUploadFailed))
	}},
	{"downloading", func(t *testing.T, name string) {
		imaged(t, name, harvesterv1.ImageSourceDownload, nil, notYet(fill.ReasonImporting))
	}},
	{"failed", func(t *testing.T, name string) {
		imaged(t, name, harvesterv1.ImageSourceDownload, nil, notYet(fill.ReasonDownloadFailed),
			harvesterv1.Condition{Type: harvesterv1.ImageRetryLimitExceeded, Status: metav1.ConditionTrue})
	}},
	{"ready", func(t *testing.T, name string) { imaged(t, name, harvesterv1.ImageSourceDownload, nil, hasBytes) }},
	{"in use", func(t *testing.T, name string) {
		made := imaged(t, name, harvesterv1.ImageSourceUpload, nil, hasBytes)
		boundVolume(t, name+"-disk", func(c *corev1.PersistentVolumeClaim) {
			c.Annotations[harvesterv1.AnnotationImageID] = home + "/" + name
		})
		awaitKept(t, made)
	}},
	{"terminating", func(t *testing.T, name string) {
		made := imaged(t, name, harvesterv1.ImageSourceUpload, nil, hasBytes)
		made.Finalizers = []string{"test.crofthci.io/keep"}
		if err := site.admin.Update(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		if err := site.admin.Delete(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}},
}

var hasBytes = harvesterv1.Condition{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue, Reason: fill.ReasonImported}

func notYet(reason string) harvesterv1.Condition {
	return harvesterv1.Condition{Type: harvesterv1.ImageImported, Status: metav1.ConditionFalse, Reason: reason, Message: "not yet"}
}

// imaged is an image as its controller would have left it.
func imaged(
	t *testing.T, name string, from harvesterv1.ImageSourceType, attempt *upload.Attempt, conditions ...harvesterv1.Condition,
) *harvesterv1.VirtualMachineImage {
	t.Helper()
	made := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name, Annotations: map[string]string{}},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: name, SourceType: from},
	}
	if from == harvesterv1.ImageSourceDownload {
		made.Spec.URL = "https://images.example.org/" + name
	}
	if attempt != nil {
		text, err := json.Marshal(attempt)
		if err != nil {
			t.Fatal(err)
		}
		made.Annotations[harvesterv1.AnnotationUpload] = string(text)
	}
	if err := site.admin.Create(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { drop(t, made) })
	made.Status.Conditions = conditions
	if err := site.admin.Status().Update(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	return made
}
