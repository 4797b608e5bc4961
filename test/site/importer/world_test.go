package importer_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"

	"crofthci.io/croft/test/site/storage/storagetest"
)

// volume is a data volume of the server's file, named for the test.
func (w *world) volume(t *testing.T, file, size string) *cdiv1.DataVolume {
	return &cdiv1.DataVolume{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: strings.ToLower(filepath.Base(t.Name()))},
		Spec: cdiv1.DataVolumeSpec{
			Source: &cdiv1.DataVolumeSource{HTTP: &cdiv1.DataVolumeSourceHTTP{URL: w.server.URL + "/" + file}},
			Storage: &cdiv1.StorageSpec{Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)},
			}},
		},
	}
}

func (w *world) succeeds(t *testing.T, volume *cdiv1.DataVolume) {
	t.Helper()
	storagetest.Create(t, w.Site, volume)
	w.awaits(t, volume)
}

func (w *world) awaits(t *testing.T, volume *cdiv1.DataVolume) {
	t.Helper()
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if v.Status.Phase != cdiv1.Succeeded {
			return "its phase is " + string(v.Status.Phase) + " and its condition Running says " + running(v)
		}
		return ""
	})
}

// running is the message of a data volume's condition Running.
func running(v *cdiv1.DataVolume) string {
	for _, condition := range v.Status.Conditions {
		if condition.Type == cdiv1.DataVolumeRunning {
			return condition.Message
		}
	}
	return ""
}

func (w *world) disk(t *testing.T, claim string) []byte {
	t.Helper()
	c := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: claim}}
	// A data volume may have succeeded a moment before its claim has the volume.
	storagetest.Until(t, w.Site, c, storagetest.Bound)
	content, err := os.ReadFile(storagetest.Disk(t, w.Site, c))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// same checks that a claim's disk begins with the image and is zero after it.
func (w *world) same(t *testing.T, claim string) {
	t.Helper()
	got := w.disk(t, claim)
	if len(got) < len(w.raw) || !bytes.Equal(got[:len(w.raw)], w.raw) {
		t.Fatalf("the disk of %s has %d bytes and does not hold the image", claim, len(got))
	}
	if rest := got[len(w.raw):]; !bytes.Equal(rest, make([]byte, len(rest))) {
		t.Errorf("the disk of %s is not zero after the image", claim)
	}
}

func (w *world) gzip(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(w.raw); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// serve makes the images and serves them, with and without TLS.
func (w *world) serve(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	raw, qcow := filepath.Join(dir, "disk.img"), filepath.Join(dir, "disk.qcow2")
	for path, content := range map[string][]byte{raw: w.raw, raw + ".gz": w.gzip(t)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range [][]string{
		{"qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow},
		{"xz", "--keep", "-0", qcow},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command[0], err, out)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(dir)))
	mux.Handle("/elsewhere", http.RedirectHandler("/disk.img", http.StatusFound))
	w.server, w.secure = httptest.NewServer(mux), httptest.NewTLSServer(mux)
	t.Cleanup(w.server.Close)
	t.Cleanup(w.secure.Close)
}
