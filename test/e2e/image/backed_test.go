package image

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
)

// TestBacked has Longhorn keep an image, boots a machine from it, and holds that the image stays as long as the machine's
// disk and goes with everything of Longhorn's.
func TestBacked(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	s.InstallLonghorn(t, "site-1")
	s.MakeImage(t, id, "kept", s.Images+"/"+stage.Tiny, map[string]any{"backend": "backingimage", "targetStorageClassName": "longhorn"})
	s.Imported(t, id, "kept")
	uid := s.Kubectl(t, "site-1", "", "get", "vmimage", "kept", "-n", namespace, "-o", "jsonpath={.metadata.uid}")
	if got := s.Kubectl(t, "site-1", "", "get", "storageclass", "lh-"+uid, "-o", "jsonpath={.parameters}"); !strings.Contains(got, "vmi-"+uid) {
		t.Errorf("the image's class starts volumes from its backing image: %s", got)
	}

	file, again := filepath.Join(controlplane.CacheDir(), "guests", stage.Tiny), filepath.Join(t.TempDir(), "again")
	download(t, s, id, "kept", again)
	if a, b := sum(t, file), sum(t, again); a != b {
		t.Errorf("the file is had as it was fetched: %s and %s", a, b)
	}

	key := stage.NewKey(t)
	s.Admin.MakeMachine(t, id, stage.Guest(namespace, "from-kept", namespace+"/kept", key))
	address := s.Address(t, id, namespace, "from-kept")
	key.Run(t, address, "true")
	if class := s.Kubectl(t, "site-1", "", "get", "pvc", "from-kept-disk-0", "-n", namespace, "-o", "jsonpath={.spec.storageClassName}"); class != "lh-"+uid {
		t.Errorf("the machine's disk is of the image's own class: %s", class)
	}
	if answer := s.Admin.Refused(t, http.StatusConflict, "DELETE", path(id, "kept", ""), nil); !strings.Contains(answer, "from-kept") {
		t.Errorf("who uses the image is named: %s", answer)
	}
	s.Delete(t, stage.MachinePath(id, namespace, "from-kept")+"?removedDisks=from-kept-disk-0")
	sent(t, s, id)
	removed(t, s, id, "kept")
	s.Kubectl(t, "site-1", "", "wait", "--for=delete", "vmimage/sent-to-longhorn", "-n", namespace, "--timeout=3m")
	stage.Eventually(t, "nothing of Longhorn's is left", time.Minute, func() error {
		if left := s.Kubectl(t, "site-1", "", "get", "backingimages,storageclasses", "-A", "-o", "name"); strings.Contains(left, "vmi-") || strings.Contains(left, "lh-") {
			return errors.New(left)
		}
		return nil
	})
}

// sent uploads an image to Longhorn, and removes it again.
func sent(t *testing.T, s *stage.Stage, site string) {
	t.Helper()
	file, err := os.Open(filepath.Join(controlplane.CacheDir(), "guests", stage.Tiny))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	const name = "sent-to-longhorn"
	s.MakeImage(t, site, name, "", map[string]any{"sourceType": "upload", "backend": "backingimage", "targetStorageClassName": "longhorn"})
	if code, answer := send(t, s, site, name, info.Size(), file); code != http.StatusNoContent {
		t.Fatalf("upload: %d %s", code, answer)
	}
	s.Imported(t, site, name)
	s.Delete(t, path(site, name, ""))
}
