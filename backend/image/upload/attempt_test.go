package upload

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

const noon = "2026-08-01T12:00:00Z"

// uploaded is an image with an attempt.
func uploaded(attempt Attempt, changes ...func(*image)) *image {
	made := &image{Spec: harvesterv1.VirtualMachineImageSpec{SourceType: harvesterv1.ImageSourceUpload}}
	if attempt.ID != "" {
		made.Annotations = map[string]string{harvesterv1.AnnotationUpload: attempt.text()}
	}
	for _, change := range changes {
		change(made)
	}
	return made
}

func TestAttempt(t *testing.T) {
	at, err := time.Parse(time.RFC3339, noon)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason   string
		attempt  Attempt
		after    time.Duration
		trouble  string
		progress int
	}{
		"Going":   {"an attempt that was heard of lately goes on", Attempt{State: Sending, Size: 200, Sent: 84, At: noon}, Silence, "", 42},
		"Silent":  {"one that has not been is given up", Attempt{State: Sending, Size: 200, Sent: 84, At: noon}, Silence + time.Second, "the upload broke off after 84 of 200 bytes: whoever took it has been silent since " + noon, 42},
		"Failed":  {"one that failed says why", Attempt{State: Failed, Problem: "it broke", Size: 200, At: noon}, 0, "it broke", 0},
		"Sent":    {"one that is complete may take CDI as long as it likes", Attempt{State: Sent, Size: 200, Sent: 200, At: noon}, time.Hour, "", 99},
		"Garbage": {"one that somebody has written by hand does not live for ever", Attempt{State: Sending, Size: -1, Sent: 5, At: "noon"}, 0, "the upload broke off after 5 of -1 bytes: whoever took it has been silent since noon", 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.trouble, tc.attempt.Trouble(at.Add(tc.after))); diff != "" {
				t.Errorf("%s: trouble: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.progress, tc.attempt.Progress()); diff != "" {
				t.Errorf("%s: progress: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestUnless(t *testing.T) {
	now := metav1.Now()
	sending := Attempt{ID: "a", State: Sending, At: noon}
	cases := map[string]struct {
		reason string
		image  *image
		want   string
	}{
		"New":      {"an image that has just been made takes an upload: it waits for the volume", uploaded(Attempt{}), ""},
		"Sending":  {"one at a time", uploaded(sending), "An upload of this image is under way."},
		"Failed":   {"a broken upload can be tried again", uploaded(Attempt{ID: "a", State: Failed, At: noon}), ""},
		"GivenUp":  {"also one that the controller has given up", uploaded(sending, func(i *image) { i.Status.LastFailedTime = noon }), ""},
		"Download": {"bytes have one source", uploaded(Attempt{}, func(i *image) { i.Spec.SourceType = "download" }), "The bytes of this image are not uploaded: its sourceType is download."},
		"Ready": {"volumes have been cut from the bytes", uploaded(Attempt{}, func(i *image) {
			i.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
		}), "The image has its bytes already. Make another one for other bytes."},
		"Removing": {"an image on its way out takes nothing", uploaded(Attempt{}, func(i *image) { i.DeletionTimestamp = &now }), "The image is being removed."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Unless(tc.image)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
