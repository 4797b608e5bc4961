package image

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
)

// installKey brings a site a secret with a key, and a class of Longhorn's that encrypts with it.
func installKey(t *testing.T, s *stage.Stage, site, name, passphrase string) {
	t.Helper()
	parameters := map[string]string{"numberOfReplicas": "1", "encrypted": "true"}
	for _, call := range []string{"provisioner", "node-publish", "node-stage"} {
		parameters["csi.storage.k8s.io/"+call+"-secret-name"] = name
		parameters["csi.storage.k8s.io/"+call+"-secret-namespace"] = "longhorn-system"
	}
	class, err := json.Marshal(map[string]any{
		"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": map[string]string{"name": name},
		"provisioner": "driver.longhorn.io", "parameters": parameters, "allowVolumeExpansion": true,
	})
	if err != nil {
		t.Fatal(err)
	}
	key(t, s, site, name, passphrase)
	s.Kubectl(t, site, string(class), "apply", "-f", "-")
	t.Cleanup(func() {
		s.Kubectl(t, site, "", "delete", "storageclass", name, "--ignore-not-found")
		s.Kubectl(t, site, "", "delete", "secret", name, "-n", "longhorn-system", "--ignore-not-found")
	})
}

// key writes a key into a secret.
func key(t *testing.T, s *stage.Stage, site, name, passphrase string) {
	t.Helper()
	s.Kubectl(t, site, fmt.Sprintf(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":%q,"namespace":"longhorn-system"},
		"stringData":{"CRYPTO_KEY_VALUE":%q,"CRYPTO_KEY_PROVIDER":"secret"}}`, name, passphrase), "apply", "-f", "-")
}

// copied makes an image of another one, encrypted or decrypted.
func copied(t *testing.T, s *stage.Stage, site, name, class, from, operation string) {
	t.Helper()
	s.MakeImage(t, site, name, "", map[string]any{
		"sourceType": "clone", "backend": "backingimage", "targetStorageClassName": class, "retry": 0,
		"securityParameters": map[string]string{"cryptoOperation": operation, "sourceImageNamespace": namespace, "sourceImageName": from},
	})
}

// TestEncrypted encrypts an image, boots a machine from it, and decrypts it again: with the wrong key, which is said, and with
// the right one, which gives the bytes that were.
func TestEncrypted(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	s.InstallLonghorn(t, "site-1")
	installKey(t, s, "site-1", "longhorn-vault", "open sesame")
	s.MakeImage(t, id, "clear", s.Images+"/"+stage.Tiny, map[string]any{"backend": "backingimage", "targetStorageClassName": "longhorn"})
	s.Imported(t, id, "clear")
	copied(t, s, id, "sealed", "longhorn-vault", "clear", "encrypt")
	s.Imported(t, id, "sealed")
	if head := stored(t, s, "site-1", "sealed"); !strings.HasPrefix(head, "LUKS\xba\xbe") {
		t.Errorf("what Longhorn keeps of it is encrypted: %q", head)
	}
	if answer := s.Admin.Refused(t, http.StatusConflict, "GET", path(id, "sealed", "/download"), nil); !strings.Contains(answer, "is encrypted") {
		t.Errorf("encrypted bytes are handed out to nobody: %s", answer)
	}

	guest := stage.NewKey(t)
	s.Admin.MakeMachine(t, id, stage.Guest(namespace, "from-sealed", namespace+"/sealed", guest))
	address := s.Address(t, id, namespace, "from-sealed")
	guest.Run(t, address, "true")
	s.Delete(t, stage.MachinePath(id, namespace, "from-sealed")+"?removedDisks=disk-0")

	key(t, s, "site-1", "longhorn-vault", "open barley")
	copied(t, s, id, "mistaken", "longhorn", "sealed", "decrypt")
	stage.Eventually(t, "a key that is not the right one is said", 2*time.Minute, func() error {
		c := stage.Held(s.Image(t, id, "mistaken").Status.Conditions, "Imported")
		if c.Status != "False" || c.Reason != "CopyFailed" || !strings.Contains(c.Message, "No key available with this passphrase") {
			return fmt.Errorf("imported: %+v", c)
		}
		return nil
	})
	key(t, s, "site-1", "longhorn-vault", "open sesame")
	copied(t, s, id, "opened", "longhorn", "sealed", "decrypt")
	s.Imported(t, id, "opened")
	again := filepath.Join(t.TempDir(), "again")
	download(t, s, id, "opened", again)
	same(t, again)
	for _, name := range []string{"opened", "mistaken", "sealed", "clear"} {
		removed(t, s, id, name)
	}
}

// removed deletes an image once nobody uses it, with everything of Longhorn's.
func removed(t *testing.T, s *stage.Stage, site, name string) {
	t.Helper()
	stage.Eventually(t, "image "+name+" may go when nobody uses it", 2*time.Minute, func() error {
		code, answer, err := s.Admin.Try("DELETE", path(site, name, ""), nil)
		if err == nil && code/100 != 2 && code != http.StatusNotFound {
			err = fmt.Errorf("%d %s", code, answer)
		}
		return err
	})
	s.Kubectl(t, "site-1", "", "wait", "--for=delete", "vmimage/"+name, "-n", namespace, "--timeout=3m")
}

// stored are the first bytes of the file that Longhorn keeps of an image.
func stored(t *testing.T, s *stage.Stage, site, name string) string {
	t.Helper()
	uid := s.Kubectl(t, site, "", "get", "vmimage", name, "-n", namespace, "-o", "jsonpath={.metadata.uid}")
	node := s.Kubectl(t, site, "", "get", "node", site+"-node-1", "-o", "jsonpath={.status.addresses[?(@.type=='InternalIP')].address}")
	address := "http://" + net.JoinHostPort(node, "9500") + "/v1/backingimages/vmi-" + uid + "/download"
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	head := make([]byte, 6)
	if _, err := io.ReadFull(response.Body, head); err != nil {
		t.Fatal(err)
	}
	return string(head)
}

// same holds that a raw file has the disk of the tiny guest's image.
func same(t *testing.T, raw string) {
	t.Helper()
	tiny := filepath.Join(controlplane.CacheDir(), "guests", stage.Tiny)
	if out, err := exec.CommandContext(t.Context(), "qemu-img", "compare", "-f", "qcow2", "-F", "raw", tiny, raw).CombinedOutput(); err != nil {
		t.Errorf("what was decrypted is the disk that was encrypted: %v\n%s", err, out)
	}
}
