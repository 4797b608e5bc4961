// Package image tests imports in the whole sandbox: the good one, and those
// that fail with words.
package image

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
)

func TestImport(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	s.TinyImage(t, id)
	image := s.Image(t, id, "tiny")
	file, err := os.Stat(filepath.Join(controlplane.CacheDir(), "guests", stage.Tiny))
	if err != nil {
		t.Fatal(err)
	}
	if image.Status.Progress != 100 || image.Status.Size != file.Size() || image.Status.VirtualSize < image.Status.Size {
		t.Errorf("status %+v of a file of %d bytes", image.Status, file.Size())
	}
}

func TestImportFailsWithWords(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	for _, c := range []struct {
		name, url string
		more      map[string]any
		says      string
		reason    string
	}{
		{"gone", s.Images + "/gone.qcow2", nil, "404", "a URL that answers 404"},
		{"forged", s.Images + "/" + stage.Tiny, map[string]any{"checksum": strings.Repeat("0", 128)}, "checksum", "a checksum of another file"},
	} {
		s.MakeImage(t, id, c.name, c.url, c.more)
		stage.Eventually(t, c.reason, 3*time.Minute, func() error {
			image := s.Image(t, id, c.name)
			imported := stage.Held(image.Status.Conditions, "Imported")
			if imported.Status != "False" || !strings.Contains(strings.ToLower(imported.Message), c.says) {
				return fmt.Errorf("imported: %+v", imported)
			}
			return nil
		})
	}
}

func TestRefusals(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	for _, c := range []struct {
		spec   map[string]any
		names  string
		reason string
	}{
		{map[string]any{"displayName": "x", "sourceType": "download", "url": "", "backend": "cdi"}, "url", "a download from nowhere"},
		{map[string]any{"displayName": "x", "sourceType": "download", "url": "file:///etc/passwd", "backend": "cdi"}, "url", "a download from the host"},
		{map[string]any{"displayName": "", "sourceType": "download", "url": "http://127.0.0.1/x", "backend": "cdi"}, "displayName", "an image without a name"},
	} {
		answer := s.Admin.Refused(t, http.StatusUnprocessableEntity, "POST", stage.OfSite(id, "harvesterhci.io.virtualmachineimages"), map[string]any{
			"type": "harvesterhci.io.virtualmachineimage", "apiVersion": "harvesterhci.io/v1beta1", "kind": "VirtualMachineImage",
			"metadata": map[string]any{"generateName": "refused-", "namespace": "default"}, "spec": c.spec,
		})
		if !strings.Contains(answer, c.names) {
			t.Errorf("%s: the refusal does not name %s: %s", c.reason, c.names, answer)
		}
	}
}
