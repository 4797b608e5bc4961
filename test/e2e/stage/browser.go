package stage

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// Browse runs a script of test/e2e/browser in a real browser, and decodes the
// JSON that it prints. Screenshots go to test-output in the root of the tree.
func (s *Stage) Browse(t testing.TB, into any, env map[string]string, script string, args ...string) {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	folder := filepath.Join(filepath.Dir(here), "..", "browser")
	node := exec.Command("node", append([]string{script}, args...)...)
	node.Dir = folder
	node.Env = append(os.Environ(),
		"CROFT_URL="+s.Admin.URL, "CROFT_USER="+s.User, "CROFT_PASSWORD="+s.Password,
		"CROFT_OUTPUT="+filepath.Join(folder, "..", "..", "..", "test-output"))
	for name, value := range env {
		node.Env = append(node.Env, name+"="+value)
	}
	var said, complained bytes.Buffer
	node.Stdout, node.Stderr = &said, &complained
	if err := node.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", script, args, err, said.Bytes(), complained.Bytes())
	}
	if err := json.Unmarshal(said.Bytes(), into); err != nil {
		t.Fatalf("%s %v printed %q: %v", script, args, said.Bytes(), err)
	}
}
