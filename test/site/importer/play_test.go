package importer

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestPauseBefore(t *testing.T) {
	for restarts, want := range []time.Duration{0, 10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second, 5 * time.Minute, 5 * time.Minute} {
		if got := pauseBefore(int32(restarts)); got != want {
			t.Errorf("after %d restarts: got %s, want %s", restarts, got, want)
		}
	}
}

func TestParseChecksum(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	for name, c := range map[string]struct {
		reason, in string
		want       checksum
		refused    bool
	}{
		"None":     {reason: "No checksum wants nothing."},
		"SHA256":   {reason: "CDI's form.", in: "sha256:" + sum, want: checksum{"sha256", sum}},
		"Capitals": {reason: "Hexadecimal has no case.", in: "SHA256:" + strings.ToUpper(sum), want: checksum{"sha256", sum}},
		"Bare":     {reason: "Nobody knows which sum it is.", in: sum, refused: true},
		"Unknown":  {reason: "Nobody knows how to sum.", in: "crc32:00000000", refused: true},
		"Short":    {reason: "It is no such sum.", in: "sha512:" + sum, refused: true},
	} {
		got, err := parseChecksum(c.in)
		if (err != nil) != c.refused || got != c.want {
			t.Errorf("%s: %s got %v, %v", name, c.reason, got, err)
		}
	}
}

func TestImageCheck(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		image  image
		want   string
	}{
		"Fits":    {reason: "As large as the disk is right.", image: image{Format: "qcow2", Size: 10}},
		"Large":   {reason: "CDI's controller looks for these words.", image: image{Format: "raw", Size: 11}, want: "is larger than the reported available storage 10. A larger PVC is required"},
		"Unknown": {reason: "CDI imports no such format.", image: image{Format: "qed", Size: 1}, want: "Invalid format qed"},
		"Backed":  {reason: "An image must not read other files of this machine.", image: image{Format: "qcow2", Size: 1, Backing: "/etc/shadow"}, want: "invalid backing file"},
		"Data":    {reason: "Nor by a data file.", image: described(`{"format-specific": {"data": {"data-file": "/etc/shadow"}}}`), want: "reads another file, /etc/shadow"},
		"Extent":  {reason: "Nor by an extent.", image: described(`{"format-specific": {"data": {"extents": [{"filename": "it"}, {"filename": "/etc/shadow"}]}}}`), want: "reads another file, /etc/shadow"},
		"Itself":  {reason: "The image itself is no other file.", image: described(`{"format-specific": {"data": {"extents": [{"filename": "it"}]}}}`)},
	} {
		err := c.image.check("it", 10)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %s got %v, want %q", name, c.reason, err, c.want)
		}
	}
}

// described is a small image as qemu-img would tell of it.
func described(info string) image {
	found := image{Format: "vmdk", Size: 1}
	if err := json.Unmarshal([]byte(info), &found); err != nil {
		panic(err) // a literal
	}
	return found
}

func TestUnpack(t *testing.T) {
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write([]byte("bytes"))
	_ = zip.Close()
	for name, c := range map[string]struct {
		in   []byte
		want string
	}{"Plain": {[]byte("bytes"), "bytes"}, "Gzip": {zipped.Bytes(), "bytes"}, "Nothing": {nil, ""}} {
		reader, err := unpack(t.Context(), bytes.NewReader(c.in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(reader)
		if err := errors.Join(err, reader.Close()); err != nil || string(got) != c.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func TestTroubled(t *testing.T) {
	for name, c := range map[string]struct {
		fault string
		read  int
		cause error
	}{
		"None":    {"", 100, nil},
		"Reset":   {"reset", 50, syscall.ECONNRESET},
		"NoSpace": {"no-space", 50, syscall.ENOSPC},
		"Slow":    {"300ms", 100, nil},
	} {
		source, err := troubled(t.Context(), c.fault, bytes.NewReader(make([]byte, 100)), 100)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(source)
		if len(got) != c.read || !errors.Is(err, c.cause) {
			t.Errorf("%s: read %d bytes, %v; want %d, %v", name, len(got), err, c.read, c.cause)
		}
	}
	if _, err := troubled(t.Context(), "sometimes", nil, 0); err == nil {
		t.Error("a fault that nobody knows must be said so")
	}
}

func TestGauge(t *testing.T) {
	g := &gauge{name: importProgress, owner: "uid"}
	if _, err := io.CopyN(io.Discard, g.count(bytes.NewReader(make([]byte, 8)), 8), 2); err != nil {
		t.Fatal(err)
	}
	out := httptest.NewRecorder()
	g.ServeHTTP(out, nil)
	if want := "kubevirt_cdi_import_progress_total{ownerUID=\"uid\"} 25.0000\n"; !strings.Contains(out.Body.String(), want) {
		t.Errorf("got %q, want %q", out.Body, want)
	}
}

// TestStatus walks a pod through a failure and a restart to its end.
func TestStatus(t *testing.T) {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "importer", UID: "u"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "importer"}}},
	}
	now := time.Now()
	failed := terminated(now, now, "", errors.New("it broke"))
	var s corev1.PodStatus
	for _, c := range []struct {
		reason string
		step   change
		want   string
	}{
		{"It runs.", running(pod, 0, nil, now, true), "Running running ready"},
		{"It failed; the pod itself goes on.", crashed(pod, 0, failed), "Running Error:it broke"},
		{"It waits, and how it ended is kept.", waiting(pod, 0, failed, time.Minute), "Running CrashLoopBackOff last:it broke"},
		{"It runs again.", running(pod, 1, failed, now, true), "Running running ready restarts:1 last:it broke"},
		{"It is over.", ended(pod, 1, terminated(now, now, "fine", nil)), "Succeeded Completed:fine restarts:1"},
	} {
		c.step(&s)
		if diff := cmp.Diff(c.want, describe(s)); diff != "" {
			t.Errorf("%s -want +got:\n%s", c.reason, diff)
		}
	}
}

func describe(s corev1.PodStatus) string {
	c := s.ContainerStatuses[0]
	words := []string{string(s.Phase)}
	switch {
	case c.State.Running != nil:
		words = append(words, "running")
	case c.State.Waiting != nil:
		words = append(words, c.State.Waiting.Reason)
	case c.State.Terminated != nil:
		words = append(words, c.State.Terminated.Reason+":"+c.State.Terminated.Message)
	}
	if c.Ready {
		words = append(words, "ready")
	}
	if c.RestartCount > 0 {
		words = append(words, "restarts:1")
	}
	if c.LastTerminationState.Terminated != nil {
		words = append(words, "last:"+c.LastTerminationState.Terminated.Message)
	}
	return strings.Join(words, " ")
}
