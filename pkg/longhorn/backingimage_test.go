package longhorn_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/pkg/longhorn"
)

func TestStateOf(t *testing.T) {
	type copies = map[string]*longhorn.BackingImageCopy
	cases := map[string]struct {
		reason string
		copies copies
		want   longhorn.State
	}{
		"New":     {"nothing is said yet", nil, longhorn.State{}},
		"Silent":  {"a copy is meant to be and nothing is done about it, as when a secret is missing", copies{"a": {}}, longhorn.State{}},
		"Waiting": {"a copy that is pending takes bytes", copies{"a": {State: "pending"}}, longhorn.State{Begun: true, Waits: true}},
		"Coming":  {"the bytes come", copies{"a": {State: "in-progress", Progress: 42}}, longhorn.State{Begun: true, Progress: 42}},
		"Ready":   {"one copy is enough", copies{"a": {State: "ready", Progress: 100}, "b": {State: "failed"}}, longhorn.State{Begun: true, Done: true, Progress: 100}},
		"Again":   {"one failed and another is being made", copies{"a": {State: "failed"}, "b": {State: "starting"}}, longhorn.State{Begun: true}},
		"Failed": {
			"no copy is left", copies{"a": {State: "failed-and-cleanup", Message: "404 Not Found"}, "b": {State: "failed"}},
			longhorn.State{Begun: true, Failed: true, Message: "404 Not Found"},
		},
		"Forged": {
			"another attempt fetches the same file", copies{"a": {State: "failed", Message: "expected checksum a doesn't match b"}},
			longhorn.State{Begun: true, Failed: true, Final: true, Message: "expected checksum a doesn't match b"},
		},
		"Unread": {
			"a disk that is in trouble may be none at the next attempt", copies{"a": {State: "failed", Message: "failed to calculate checksum: input/output error"}},
			longhorn.State{Begun: true, Failed: true, Message: "failed to calculate checksum: input/output error"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			image := &longhorn.BackingImage{Status: longhorn.BackingImageStatus{DiskFileStatusMap: tc.copies}}
			if diff := cmp.Diff(tc.want, longhorn.StateOf(image)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestOrder(t *testing.T) {
	key := map[string]string{
		"encrypted": "true", "csi.storage.k8s.io/node-publish-secret-name": "crypto",
		"csi.storage.k8s.io/node-publish-secret-namespace": "longhorn-system",
	}
	cases := map[string]struct {
		reason string
		order  longhorn.Order
		want   longhorn.BackingImageSpec
	}{
		"Plain": {
			"what nobody says is as Longhorn has it", longhorn.Order{Source: longhorn.FromURL("http://x/y"), Checksum: "AB"},
			longhorn.BackingImageSpec{
				SourceType: "download", SourceParameters: map[string]string{"url": "http://x/y"},
				Checksum: "ab", MinNumberOfCopies: 1, DataEngine: "v1",
			},
		},
		"Placed": {
			"the file lies where the volumes do", longhorn.Order{Source: longhorn.FromUpload(), Parameters: map[string]string{
				"numberOfReplicas": "3", "diskSelector": "ssd,fast", "nodeSelector": "storage", "dataEngine": "v2",
			}},
			longhorn.BackingImageSpec{
				SourceType: "upload", MinNumberOfCopies: 3, DiskSelector: []string{"ssd", "fast"},
				NodeSelector: []string{"storage"}, DataEngine: "v2",
			},
		},
		"PlacedItself": {
			"unless the class says so of the file alone", longhorn.Order{Source: longhorn.FromVolume("pvc-1"), Parameters: map[string]string{
				"numberOfReplicas": "3", "backingImageMinNumberOfCopies": "2", "diskSelector": "ssd", "backingImageDiskSelector": "hdd",
			}},
			longhorn.BackingImageSpec{
				SourceType: "export-from-volume", SourceParameters: map[string]string{"volume-name": "pvc-1", "export-type": "raw"},
				MinNumberOfCopies: 2, DiskSelector: []string{"hdd"}, DataEngine: "v1",
			},
		},
		"Encrypted": {
			"the key is the class's", longhorn.Order{Source: longhorn.FromImage("vmi-1", "encrypt", longhorn.SecretOf(key)), Parameters: key},
			longhorn.BackingImageSpec{
				SourceType: "clone", SourceParameters: map[string]string{
					"backing-image": "vmi-1", "encryption": "encrypt", "secret": "crypto", "secret-namespace": "longhorn-system",
				},
				MinNumberOfCopies: 1, Secret: "crypto", SecretNamespace: "longhorn-system", DataEngine: "v1",
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.order.Image().Spec); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestVolumeParameters(t *testing.T) {
	of := map[string]string{"numberOfReplicas": "2", "backingImage": "vmi-other", "backingImageChecksum": "ab"}
	want := map[string]string{"numberOfReplicas": "2", "backingImage": "vmi-own"}
	if diff := cmp.Diff(want, longhorn.VolumeParameters(of, "vmi-own")); diff != "" {
		t.Errorf("nothing of another image stays: -want +got:\n%s", diff)
	}
	if got := longhorn.VolumeParameters(of, ""); len(got) != 1 {
		t.Errorf("without an image: %v", got)
	}
}

// TestManager sends a file and fetches it again.
func TestManager(t *testing.T) {
	kept := map[string][]byte{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = w.Write(kept[strings.TrimSuffix(r.URL.Path, "/download")])
			return
		}
		file, _, err := r.FormFile("chunk")
		if err != nil || r.URL.Query().Get("action") != "upload" || r.URL.Query().Get("size") != "5" {
			http.Error(w, "that is no upload", http.StatusInternalServerError)
			return
		}
		kept[r.URL.Path], _ = io.ReadAll(file)
	}))
	defer server.Close()
	to := longhorn.Manager{URL: server.URL + "/"}
	if err := to.Send(t.Context(), "vmi-1", 5, bytes.NewReader([]byte("bytes"))); err != nil {
		t.Fatal(err)
	}
	file, size, err := to.Open(t.Context(), "vmi-1")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if content, err := io.ReadAll(file); string(content) != "bytes" || size != 5 || err != nil {
		t.Errorf("got %q of %d: %v", content, size, err)
	}
	asked := 0
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		http.Error(w, "not ready for uploading", http.StatusInternalServerError)
	}))
	defer busy.Close()
	unread := strings.NewReader("bytes")
	if err := (longhorn.Manager{URL: busy.URL}).Send(t.Context(), "vmi-1", 5, unread); err == nil || asked != 1 || unread.Len() != 5 {
		t.Errorf("what is refused at once is not read: %v, %d bytes are left", err, unread.Len())
	}
	if err := to.Send(t.Context(), "vmi-1", 4, bytes.NewReader([]byte("four"))); err == nil || err.Error() != "that is no upload" {
		t.Errorf("a refusal is in Longhorn's words: %v", err)
	}
	if err := to.Send(t.Context(), "vmi-1", 5, bytes.NewReader([]byte("four"))); err == nil {
		t.Error("a file that ends early is not taken for the whole")
	}
}

func TestDeepCopy(t *testing.T) {
	image := longhorn.Order{Name: "vmi-1", Source: longhorn.FromURL("http://x"), Parameters: map[string]string{"diskSelector": "ssd"}}.Image()
	image.Annotations = map[string]string{"a": "b"}
	image.Status.DiskFileStatusMap = map[string]*longhorn.BackingImageCopy{"disk": {State: "ready"}}
	list := &longhorn.BackingImageList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}, Items: []longhorn.BackingImage{*image}}
	second := list.DeepCopyObject().(*longhorn.BackingImageList)
	if diff := cmp.Diff(list, second); diff != "" {
		t.Errorf("a copy is the same: -want +got:\n%s", diff)
	}
	second.Items[0].Annotations["a"], second.Items[0].Spec.SourceParameters["url"] = "c", "d"
	second.Items[0].Spec.DiskSelector[0], second.Items[0].Status.DiskFileStatusMap["disk"].State = "hdd", "failed"
	if image.Annotations["a"] != "b" || image.Spec.SourceParameters["url"] != "http://x" ||
		image.Spec.DiskSelector[0] != "ssd" || image.Status.DiskFileStatusMap["disk"].State != "ready" {
		t.Errorf("what is done to the copy is not done to the original: %+v", image)
	}
}
