package image_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/relay"
	"crofthci.io/croft/backend/setting/importproxy"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/test/manager"
	"crofthci.io/croft/test/site/importer"
	"crofthci.io/croft/test/site/site"
	"crofthci.io/croft/test/site/storage"
	"crofthci.io/croft/test/site/storage/storagetest"
)

// world is a site with the real CDI, whose importers are played with real bytes, and the controllers of images.
type world struct {
	*manager.Cluster

	site *site.Site
	// origin is where images are fetched from.
	*origin
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ctrl.SetLogger(logr.Discard()) // the images say what happened
	root, err := manager.Root()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{origin: newOrigin(t, 24<<20)}
	w.site = storagetest.New(t, []storagetest.Part{storage.Run, importer.Run}, storagetest.WithCDI)
	charts := []string{filepath.Join(root, "charts", "croft-crd", "templates")}
	if _, err := envtest.InstallCRDs(w.site.Config, envtest.CRDInstallOptions{Paths: charts}); err != nil {
		t.Fatal(err)
	}
	w.Cluster = manager.Start(t, w.site.Config, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			images := fill.New(to, fill.Options{FallbackSize: resource.MustParse("64Mi"), Loopback: true, Relay: relayOf(t, to)})
			images.Pause = func(int) time.Duration { return time.Second }
			if err := images.SetUp(to); err != nil {
				return err
			}
			return importproxy.New(to).SetUp(to)
		},
	})
	return w
}

// relayOf is where a relay hands on the images of a site.
func relayOf(t *testing.T, to ctrl.Manager) string {
	server := httptest.NewServer(&relay.Server{Live: to.GetAPIReader(), Loopback: true})
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

// TestDownloads fetches images under the real CDI from servers that behave in every way that servers do.
func TestDownloads(t *testing.T) {
	w := newWorld(t)
	sum := sha512.Sum512(w.disk)
	right, wrong := hex.EncodeToString(sum[:]), strings.Repeat("0", sha512.Size*2)
	cases := map[string]struct {
		reason string
		url    string
		sum    string
		retry  int
		// says is what the image says in the end, "" when it has its bytes; failed is how many attempts failed.
		says, because string
		failed        int
		progress      bool
	}{
		"whole":        {reason: "a file with its right sum is an image", url: w.plain.URL + "/disk", sum: right},
		"redirected":   {reason: "a redirection is followed", url: w.plain.URL + "/here"},
		"mute":         {reason: "a server that does not say how long the file is gives an image", url: w.plain.URL + "/mute"},
		"unranged":     {reason: "so does one that knows no ranges", url: w.plain.URL + "/unranged"},
		"hiccup":       {reason: "one that hangs up half way is asked again from the beginning", url: w.plain.URL + "/hiccup", retry: 1, failed: 1},
		"ranged-drop":  {reason: "one that hangs up each time and knows ranges is asked for the rest alone, by the relay", url: w.plain.URL + "/ranged-drop", sum: right, retry: 1, failed: 1},
		"progress":     {reason: "how far it has come is told meanwhile", url: w.plain.URL + "/slow", progress: true},
		"flaky":        {reason: "a server that fails twice is asked a third time", url: w.plain.URL + "/flaky", retry: 3, failed: 2},
		"dropped":      {reason: "one that hangs up each time is asked as often as the image allows", url: w.plain.URL + "/drop", retry: 1, says: "unexpected EOF", because: fill.ReasonDownloadFailed, failed: 2},
		"loop":         {reason: "a circle of redirections ends", url: w.plain.URL + "/loop", says: "stopped after 10 redirects", because: fill.ReasonDownloadFailed, failed: 1},
		"missing":      {reason: "what is not there is said in the server's words", url: w.plain.URL + "/nothing", retry: 1, says: "404 Not Found", because: fill.ReasonDownloadFailed, failed: 2},
		"gone":         {reason: "also when it went after the first look", url: w.plain.URL + "/gone-later", says: "404", because: fill.ReasonDownloadFailed, failed: 1},
		"forged":       {reason: "another file than was promised is not tried again", url: w.plain.URL + "/disk", sum: wrong, retry: 5, says: "checksum mismatch", because: fill.ReasonChecksumMismatch, failed: 1},
		"unvouched":    {reason: "a certificate that nobody vouches for is none", url: w.private.URL + "/disk", says: "certificate signed by unknown authority", because: fill.ReasonDownloadFailed, failed: 1},
		"to-unvouched": {reason: "also at the end of a redirection from http", url: w.plain.URL + "/secure", says: "certificate signed by unknown authority", because: fill.ReasonDownloadFailed, failed: 1},
		"unreachable":  {reason: "what only the proxy reaches is out of reach", url: "http://images.example.invalid/disk", says: "images.example.invalid does not answer", because: fill.ReasonDownloadFailed, failed: 1},
	}
	t.Run("Straight", func(t *testing.T) {
		for name, tc := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				part := &world{w.For(t), w.site, w.origin}
				image := part.image(name, tc.url, tc.sum, tc.retry)
				if tc.progress {
					manager.Until(part.Cluster, image, "be half way", func(i *harvesterv1.VirtualMachineImage) bool {
						return i.Status.Progress > 0 && i.Status.Progress < 100
					})
					close(w.seen)
				}
				if tc.says == "" {
					part.arrives(image, tc.reason, tc.failed)
					return
				}
				part.fails(image, tc.reason, tc.says, tc.because, tc.failed)
			})
		}
	})
	t.Run("Settings", func(t *testing.T) { w.bySettings(t) })
}

// bySettings fetches what can be had through a proxy and by an additional authority alone.
func (w *world) bySettings(t *testing.T) {
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.private.Certificate().Raw}))
	s := w.For(t)
	s.Make(&harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: harvesterv1.SettingAdditionalCA}, Value: authority})
	s.Make(&harvesterv1.Setting{
		ObjectMeta: metav1.ObjectMeta{Name: harvesterv1.SettingHTTPProxy},
		Value:      fmt.Sprintf(`{"httpProxy":%q,"httpsProxy":""}`, w.proxy.URL),
	})
	config := &cdi.Config{ObjectMeta: metav1.ObjectMeta{Name: cdi.ConfigName}}
	manager.Until(s, config, "have the proxy in CDI's own configuration", func(c *cdi.Config) bool {
		return c.Status.ImportProxy != nil && c.Status.ImportProxy.HTTPProxy != nil && *c.Status.ImportProxy.HTTPProxy == w.proxy.URL
	})
	for name, tc := range map[string]struct{ reason, url string }{
		"proxied": {"what only the proxy reaches is fetched through it", "http://images.example.invalid/disk"},
		"vouched": {"a certificate of the additional authority is believed", w.private.URL + "/disk"},
		"both":    {"also at the end of a redirection that the proxy gave", "http://images.example.invalid/secure"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part := &world{w.For(t), w.site, w.origin}
			part.arrives(part.image(name, tc.url, "", 0), tc.reason, 0)
		})
	}
}

func (w *world) image(name, url, sum string, retry int) *harvesterv1.VirtualMachineImage {
	w.T.Helper()
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: harvesterv1.VirtualMachineImageSpec{
			DisplayName: name, SourceType: harvesterv1.ImageSourceDownload, URL: url, Checksum: sum, Retry: retry,
		},
	}
	w.Make(image)
	return image
}

// arrives holds that an image has all its bytes in the end, and that they are the right ones.
func (w *world) arrives(image *harvesterv1.VirtualMachineImage, reason string, failed int) {
	w.T.Helper()
	w.awaits(image, func(i *harvesterv1.VirtualMachineImage) bool { return i.Ready() })
	// Of the failures, CDI may have made one good by itself before anybody saw it.
	if image.Status.Failed > failed || image.Status.Failed < failed-1 || image.Status.Progress != 100 {
		w.T.Errorf("%s: %+v", reason, image.Status)
	}
	if !harvesterv1.ConditionIsTrue(image.Status.Conditions, harvesterv1.ConditionReady) || image.Status.ObservedGeneration != image.Generation {
		w.T.Errorf("%s: programs are told that it is there: %+v", reason, image.Status)
	}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: image.Namespace, Name: image.Name}}
	storagetest.Until(w.T, w.site, claim, storagetest.Bound)
	got := head(w.T, storagetest.Disk(w.T, w.site, claim), len(w.disk))
	if !bytes.Equal(got, w.disk) {
		w.T.Errorf("%s: its disk has %d bytes and is another one", reason, len(got))
	}
}

// fails holds that an image says why it is none.
func (w *world) fails(image *harvesterv1.VirtualMachineImage, reason, says, because string, failed int) {
	w.T.Helper()
	w.awaits(image, func(i *harvesterv1.VirtualMachineImage) bool {
		return harvesterv1.ConditionIsTrue(i.Status.Conditions, harvesterv1.ImageRetryLimitExceeded)
	})
	imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
	if imported.Status != metav1.ConditionFalse || imported.Reason != because || !strings.Contains(imported.Message, says) {
		w.T.Errorf("%s: want %s and %q, got %+v", reason, because, says, imported)
	}
	if !harvesterv1.ConditionIsTrue(image.Status.Conditions, harvesterv1.ConditionStalled) {
		w.T.Errorf("%s: programs are told that it has failed: %+v", reason, image.Status.Conditions)
	}
	if image.Status.Failed != failed || image.Status.LastFailedTime == "" || image.Status.Progress != 0 {
		w.T.Errorf("%s: want %d failures, got %+v", reason, failed, image.Status)
	}
	manager.UntilGone(w.Cluster, &cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: image.Namespace, Name: image.Name}})
}

// awaits waits for an image longer than a controller alone would take: CDI looks every few seconds.
func (w *world) awaits(image *harvesterv1.VirtualMachineImage, holds func(*harvesterv1.VirtualMachineImage) bool) {
	w.T.Helper()
	const patience, pause = 3 * time.Minute, 100 * time.Millisecond
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		if err := w.Get(w.T.Context(), client.ObjectKeyFromObject(image), image); err != nil {
			w.T.Fatal(err)
		}
		if holds(image) {
			return
		}
		if time.Now().After(deadline) {
			w.T.Fatalf("image %s never came to its end: %+v", image.Name, image.Status)
		}
	}
}

// head are the first bytes of a file.
func head(t *testing.T, path string, size int) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	content := make([]byte, size)
	n, err := io.ReadFull(file, content)
	if err != nil {
		t.Errorf("read %s: %v", path, err)
	}
	return content[:n]
}
