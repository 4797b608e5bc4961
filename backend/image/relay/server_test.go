package relay_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/image/relay"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/badlink"
)

type image = harvesterv1.VirtualMachineImage

// TestServer asks for the files of images that wait for them, and of others.
func TestServer(t *testing.T) {
	file := bytes.Repeat([]byte("a disk. "), 64<<10)
	half := len(file) / 2
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/missing":
			http.NotFound(w, r)
			return
		case r.URL.Path == "/mute":
			_, _ = w.Write(file)
			return
		case r.Header.Get("Range") == "bytes=0-":
			// A link on which no more than a half comes through.
			w = badlink.After(half, w)
		}
		http.ServeContent(w, r, "", time.Unix(1e9, 0), bytes.NewReader(file))
	}))
	defer origin.Close()

	scheme := runtime.NewScheme()
	if err := harvesterv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	of := func(name, path string, change ...func(*image)) *image {
		made := &image{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: "uid-of-it"},
			Spec:       harvesterv1.VirtualMachineImageSpec{SourceType: harvesterv1.ImageSourceDownload, URL: origin.URL + path},
		}
		for _, each := range change {
			each(made)
		}
		return made
	}
	images := []client.Object{
		of("waits", "/disk"), of("missing", "/missing"), of("mute", "/mute"),
		of("secret", "", func(i *image) { i.Spec.URL = "http://169.254.169.254/latest/meta-data" }),
		of("uploaded", "/disk", func(i *image) { i.Spec.SourceType = harvesterv1.ImageSourceUpload }),
		of("ready", "/disk", func(i *image) {
			i.Status.Progress = 100
			i.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
		}),
	}
	server := httptest.NewServer(&relay.Server{Live: fake.NewClientBuilder().WithScheme(scheme).WithObjects(images...).Build(), Loopback: true})
	defer server.Close()

	path := func(name string) string { return relay.Path(of(name, "")) }
	for name, tc := range map[string]struct {
		reason, method, path, ask string
		code                      int
		want                      []byte
	}{
		"Whole":     {"what breaks off on its way comes in one piece", http.MethodGet, path("waits"), "", http.StatusOK, file},
		"Part":      {"a part is a part", http.MethodGet, path("waits"), fmt.Sprintf("bytes=%d-", half), http.StatusPartialContent, file[half:]},
		"Beginning": {"the beginning is looked at by itself", http.MethodGet, path("waits"), "bytes=0-7", http.StatusPartialContent, file[:8]},
		"Head":      {"how long it is can be asked", http.MethodHead, path("waits"), "", http.StatusOK, nil},
		"Written":   {"nothing is taken", http.MethodPut, path("waits"), "", http.StatusMethodNotAllowed, nil},
		"Missing":   {"what the source does not have is not there here either", http.MethodGet, path("missing"), "", http.StatusBadGateway, nil},
		"Mute":      {"who knows no ranges is asked by the importer itself", http.MethodGet, path("mute"), "", http.StatusBadGateway, nil},
		"Secret":    {"where clouds keep their secrets is never asked", http.MethodGet, path("secret"), "", http.StatusBadGateway, nil},
		"Uploaded":  {"an upload has no source", http.MethodGet, path("uploaded"), "", http.StatusNotFound, nil},
		"Ready":     {"an image that has its bytes waits for none", http.MethodGet, path("ready"), "", http.StatusNotFound, nil},
		"Nobody":    {"who does not know the uid gets nothing", http.MethodGet, relay.Prefix + "default/waits/guessed", "", http.StatusNotFound, nil},
		"None":      {"an image that is not there has no file", http.MethodGet, path("none"), "", http.StatusNotFound, nil},
		"Short":     {"a path without an image is none", http.MethodGet, relay.Prefix + "default", "", http.StatusNotFound, nil},
		"Crooked":   {"nor is a name that is none", http.MethodGet, relay.Prefix + "default/%2e%2e/x", "", http.StatusNotFound, nil},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), tc.method, server.URL+tc.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			if tc.ask != "" {
				request.Header.Set("Range", tc.ask)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			got, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != tc.code {
				t.Fatalf("%s: got %d, %v", tc.reason, response.StatusCode, err)
			}
			if tc.want != nil && !bytes.Equal(got, tc.want) {
				t.Errorf("%s: got %d bytes, want %d", tc.reason, len(got), len(tc.want))
			}
			if tc.method == http.MethodHead && response.ContentLength != int64(len(file)) {
				t.Errorf("%s: got %d", tc.reason, response.ContentLength)
			}
			if strings.Contains(string(got), origin.URL) {
				t.Errorf("%s: an answer does not tell the url, which may hold a password: %s", tc.reason, got)
			}
		})
	}
}
