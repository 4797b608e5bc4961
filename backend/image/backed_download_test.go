package image_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/image/fill"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

// TestBackedDownloads has Longhorn fetch images from servers that behave in every way that servers do.
func TestBackedDownloads(t *testing.T) {
	w := newLonghornSite(t)
	o := newOrigin(t, len(w.disk))
	w.disk = o.disk
	const failed, forged = fill.ReasonDownloadFailed, fill.ReasonChecksumMismatch
	cases := map[string]struct {
		reason string
		path   string
		sum    string
		retry  int
		// says is what the image says in the end, "" when it has its bytes; failed is how many attempts failed.
		says, because string
		failed        int
	}{
		"whole":       {reason: "a file with its right sum is an image", path: "/disk", sum: strings.ToUpper(sum(o.disk))},
		"redirected":  {reason: "a redirection is followed", path: "/here"},
		"mute":        {reason: "a server that does not say how long the file is gives an image", path: "/mute", sum: sum(o.disk)},
		"unranged":    {reason: "so does one that knows no ranges", path: "/unranged"},
		"progress":    {reason: "how far it has come is told meanwhile", path: "/slow"},
		"flaky":       {reason: "a server that fails twice is asked a third time", path: "/flaky", retry: 3, failed: 2},
		"hiccup":      {reason: "one that hangs up half way is asked again from the beginning", path: "/hiccup", sum: sum(o.disk), retry: 1, failed: 1},
		"ranged-drop": {reason: "one that hangs up each time and knows ranges is asked for the rest alone, by the relay", path: "/ranged-drop", sum: sum(o.disk), retry: 1, failed: 1},
		"dropped":     {reason: "one that hangs up each time is asked as often as the image allows", path: "/drop", retry: 1, says: "unexpected EOF", because: failed, failed: 2},
		"short":       {reason: "less than was promised is no image", path: "/short", says: "does not match the expected file size", because: failed, failed: 1},
		"odd":         {reason: "nor is what is no whole number of sectors", path: "/odd", says: "should be a multiple of 512 bytes", because: failed, failed: 1},
		"loop":        {reason: "a circle of redirections ends", path: "/loop", says: "stopped after 10 redirects", because: failed, failed: 1},
		"missing":     {reason: "what is not there is said in the server's words", path: "/nothing", retry: 1, says: "404 Not Found", because: failed, failed: 2},
		"gone":        {reason: "also when it went after the first look", path: "/gone-later", says: "got 404 Not Found", because: failed, failed: 1},
		"forged":      {reason: "another file than was promised is not tried again", path: "/disk", sum: strings.Repeat("0", 128), retry: 5, says: "doesn't match the file actual checksum " + sum(o.disk), because: forged, failed: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part := w.For(t)
			image := part.image(name, "longhorn", func(spec *harvesterv1.VirtualMachineImageSpec) {
				spec.SourceType, spec.URL, spec.Checksum, spec.Retry = harvesterv1.ImageSourceDownload, o.plain.URL+tc.path, tc.sum, tc.retry
			})
			if tc.path == "/slow" {
				manager.Until(part.Cluster, image, "be half way", func(i *harvesterv1.VirtualMachineImage) bool { return i.Status.Progress == 50 })
				close(o.seen)
			}
			if tc.says != "" {
				part.given(image, tc.reason, tc.says, tc.because, tc.failed)
				return
			}
			part.ready(image)
			part.starts(image)
			if image.Status.Failed != tc.failed || image.Status.Size != int64(len(o.disk)) || image.Status.Progress != 100 {
				t.Errorf("%s: want %d failures, got %+v", tc.reason, tc.failed, image.Status)
			}
		})
	}
}

// given holds that an image was given up, and says why.
func (w *longhornSite) given(image *harvesterv1.VirtualMachineImage, reason, says, because string, failed int) {
	w.T.Helper()
	manager.Until(w.Cluster, image, "be given up", func(i *harvesterv1.VirtualMachineImage) bool {
		return harvesterv1.ConditionIsTrue(i.Status.Conditions, harvesterv1.ImageRetryLimitExceeded)
	})
	imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
	if imported.Status != metav1.ConditionFalse || imported.Reason != because || !strings.Contains(imported.Message, says) {
		w.T.Errorf("%s: want %s and %q, got %+v", reason, because, says, imported)
	}
	if image.Status.Failed != failed || image.Status.Progress != 0 || !harvesterv1.ConditionIsTrue(image.Status.Conditions, harvesterv1.ConditionStalled) {
		w.T.Errorf("%s: want %d failures, got %+v", reason, failed, image.Status)
	}
}
