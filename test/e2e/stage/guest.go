package stage

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Key is an SSH key pair of a test.
type Key struct {
	file string
	// Public is the line for authorized_keys.
	Public string
}

// NewKey makes a key pair that lives as long as the test.
func NewKey(t testing.TB) Key {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "croft", "-f", file).CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen: %v\n%s", err, out)
	}
	public, err := os.ReadFile(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	return Key{file, strings.TrimSpace(string(public))}
}

// KeyOf is a pair that somebody else made: its private half in PEM, and its line
// for authorized_keys.
func KeyOf(t testing.TB, private []byte, public string) Key {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(file, private, 0o600); err != nil {
		t.Fatal(err)
	}
	return Key{file, public}
}

// Run runs a command in the guest at an address, once its SSH server answers.
func (k Key) Run(t testing.TB, address, command string) string {
	t.Helper()
	return k.RunAs(t, "croft", address, command)
}

// RunAs does the same as another user of the guest, such as root.
func (k Key) RunAs(t testing.TB, user, address, command string) string {
	t.Helper()
	var out []byte
	Eventually(t, "ssh to "+address, 2*time.Minute, func() error {
		var err error
		out, err = exec.Command("ssh", "-i", k.file, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no",
			"-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=30",
			"-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4", user+"@"+address, command).Output()
		return err
	})
	return strings.TrimSpace(string(out))
}

// Guest is a machine that boots the tiny guest from a disk of its own, as the
// form of the page makes it.
func Guest(namespace, name, image string, key Key) map[string]any {
	claim := name + "-disk-0"
	claims, err := json.Marshal([]any{map[string]any{
		"metadata": map[string]any{"name": claim, "annotations": map[string]any{"harvesterhci.io/imageId": image}},
		"spec": map[string]any{
			"accessModes": []string{"ReadWriteMany"}, "volumeMode": "Block",
			"resources": map[string]any{"requests": map[string]any{"storage": "1Gi"}},
		},
	}})
	if err != nil {
		panic(err) // a literal
	}
	machine := Diskless(namespace, name)
	machine["metadata"].(map[string]any)["annotations"] = map[string]any{"harvesterhci.io/volumeClaimTemplates": string(claims)}
	spec := machine["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	domain := spec["domain"].(map[string]any)
	domain["resources"] = map[string]any{"limits": map[string]any{"cpu": "1", "memory": "256Mi"}}
	domain["devices"].(map[string]any)["disks"] = []any{
		map[string]any{"name": "disk-0", "bootOrder": 1, "disk": map[string]any{"bus": "virtio"}},
		map[string]any{"name": "cloudinit", "disk": map[string]any{"bus": "virtio"}},
	}
	spec["volumes"] = []any{
		map[string]any{"name": "disk-0", "persistentVolumeClaim": map[string]any{"claimName": claim}},
		map[string]any{"name": "cloudinit", "cloudInitNoCloud": map[string]any{
			"userData": "#cloud-config\nhostname: " + name + "\nssh_authorized_keys:\n- " + key.Public + "\n",
		}},
	}
	return machine
}
