package image

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
)

const (
	images    = "harvesterhci.io.virtualmachineimages"
	namespace = "default"
)

// path is an image's own, with what is asked of it.
func path(site, name, question string) string {
	return stage.OfSite(site, images+"/"+namespace+"/"+name+question)
}

// send sends a file as a browser does, and answers the status code and the body.
func send(t *testing.T, s *stage.Stage, site, name string, size int64, content io.Reader) (int, string) {
	t.Helper()
	const head = "--edge\r\nContent-Disposition: form-data; name=\"chunk\"; filename=\"disk\"\r\n\r\n"
	form := io.MultiReader(strings.NewReader(head), content, strings.NewReader("\r\n--edge--\r\n"))
	question := fmt.Sprintf("?action=upload&size=%d", size)
	response, err := s.Admin.Stream(t.Context(), http.MethodPost, path(site, name, question), "multipart/form-data; boundary=edge", form)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(answer)
}

// download fetches an image into a file.
func download(t *testing.T, s *stage.Stage, site, name, file string) {
	t.Helper()
	response, err := s.Admin.Stream(t.Context(), http.MethodGet, path(site, name, "/download"), "", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(response.Body)
		t.Fatalf("download %s: %d %s", name, response.StatusCode, answer)
	}
	to, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if _, err := io.Copy(to, response.Body); err != nil {
		t.Fatal(err)
	}
}

// TestUpload breaks an upload off, sends the file again, boots a machine from it, makes an image of the machine's disk, and
// fetches what has become of it.
func TestUpload(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	tiny := filepath.Join(controlplane.CacheDir(), "guests", stage.Tiny)
	content, err := os.ReadFile(tiny)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(len(content))
	s.MakeImage(t, id, "sent", "", map[string]any{"sourceType": "upload"})

	half := io.MultiReader(bytes.NewReader(content[:size/2]), iotest.ErrReader(errors.New("the line went dead")))
	if code, answer := send(t, s, id, "sent", size, half); code/100 == 2 {
		t.Fatalf("half a file was taken: %d %s", code, answer)
	}
	stage.Eventually(t, "nothing is left of half an image", 2*time.Minute, func() error {
		image := s.Image(t, id, "sent")
		if c := stage.Held(image.Status.Conditions, "Imported"); c.Status != "False" || c.Reason != "UploadFailed" {
			return fmt.Errorf("imported: %+v", c)
		}
		if out, err := s.TryKubectl(t, "site-1", "", "get", "pvc,dv", "-n", namespace, "-o", "name"); err != nil || strings.Contains(out+"\n", "/sent\n") {
			return fmt.Errorf("%w: there is %s", err, out)
		}
		return nil
	})
	if code, answer := send(t, s, id, "sent", size+1, bytes.NewReader(content)); code != http.StatusUnprocessableEntity {
		t.Errorf("a file that is too short: %d %s", code, answer)
	}
	stage.Eventually(t, "all of it is taken", 2*time.Minute, func() error { // once what is left of the attempt before has gone
		if code, answer := send(t, s, id, "sent", size, bytes.NewReader(content)); code != http.StatusNoContent {
			return fmt.Errorf("%d %s", code, answer)
		}
		return nil
	})
	s.Imported(t, id, "sent")

	key := stage.NewKey(t)
	s.Admin.MakeMachine(t, id, stage.Guest(namespace, "from-upload", namespace+"/sent", key))
	address := s.Address(t, id, namespace, "from-upload")
	key.Run(t, address, "true")
	t.Run("InUse", func(t *testing.T) {
		answer := s.Admin.Refused(t, http.StatusConflict, "DELETE", path(id, "sent", ""), nil)
		if !strings.Contains(answer, "from-upload") {
			t.Errorf("who uses the image is named: %s", answer)
		}
	})
	s.Remove(t, id, namespace, "from-upload")
}

// TestExport makes an image of another's volume, and holds that both are the same disk, fetched as stored and as qcow2.
func TestExport(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	s.TinyImage(t, id)
	s.MakeImage(t, id, "copied", "", map[string]any{"sourceType": "export-from-volume", "pvcNamespace": namespace, "pvcName": "tiny"})
	s.Imported(t, id, "copied")

	dir := t.TempDir()
	first, second, packed := filepath.Join(dir, "first"), filepath.Join(dir, "second"), filepath.Join(dir, "packed")
	download(t, s, id, "tiny", first)
	download(t, s, id, "copied", second)
	if a, b := sum(t, first), sum(t, second); a != b {
		t.Errorf("the export has other bytes than what it was made of: %s and %s", a, b)
	}
	s.Admin.Must(t, "POST", stage.OfSite(id, "harvesterhci.io.virtualmachineimagedownloaders"), map[string]any{
		"type": "harvesterhci.io.virtualmachineimagedownloader", "apiVersion": "harvesterhci.io/v1beta1", "kind": "VirtualMachineImageDownloader",
		"metadata": map[string]any{"namespace": namespace, "name": "copied"},
		"spec":     map[string]any{"imageName": "copied", "compressType": "qcow2"},
	}, nil)
	stage.Eventually(t, "the downloader", 3*time.Minute, func() error {
		var downloader struct{ Status struct{ Status string } }
		s.Admin.Must(t, "GET", stage.OfSite(id, "harvesterhci.io.virtualmachineimagedownloaders/"+namespace+"/copied"), nil, &downloader)
		if downloader.Status.Status != "Ready" {
			return fmt.Errorf("it is %q", downloader.Status.Status)
		}
		return nil
	})
	download(t, s, id, "copied", packed)
	if out, err := exec.CommandContext(t.Context(), "qemu-img", "compare", "-f", "raw", "-F", "qcow2", second, packed).CombinedOutput(); err != nil {
		t.Errorf("QEMU finds another disk in the qcow2 file: %v\n%s", err, out)
	}
	s.Admin.Must(t, "GET", path(id, "copied", "/downloadcancel"), nil, nil)
}

func sum(t *testing.T, file string) string {
	t.Helper()
	from, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, from); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}
