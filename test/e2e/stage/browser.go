package stage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// Browse runs a script of test/e2e/browser in a real browser, and decodes the
// JSON that it prints. Screenshots go to test-output in the root of the tree.
func (s *Stage) Browse(t testing.TB, into any, env map[string]string, script string, args ...string) {
	t.Helper()
	node := s.node(env, script, args...)
	var said, complained bytes.Buffer
	node.Stdout, node.Stderr = &said, &complained
	if err := node.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", script, args, err, said.Bytes(), complained.Bytes())
	}
	if err := json.Unmarshal(said.Bytes(), into); err != nil {
		t.Fatalf("%s %v printed %q: %v", script, args, said.Bytes(), err)
	}
}

// node is the command that runs a script against the sandbox.
func (s *Stage) node(env map[string]string, script string, args ...string) *exec.Cmd {
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
	return node
}

// longestScene is how long a page may take until a script has seen what it
// waits for; the script itself gives up before.
const longestScene = 10 * time.Minute

// longestClosing is how long a browser may take to close.
const longestClosing = time.Minute

// Window is a page that stays open while a test does things elsewhere.
type Window struct {
	script     string
	lines      chan []byte
	goOn       io.Writer
	complained *bytes.Buffer
}

// Open starts a script that says, as a line of JSON each time, what it has
// seen, and waits after each to be told to go on.
func (s *Stage) Open(t testing.TB, env map[string]string, script string, args ...string) *Window {
	t.Helper()
	node := s.node(env, script, args...)
	w := &Window{script: script, lines: make(chan []byte), complained: &bytes.Buffer{}}
	node.Stderr = w.complained
	said, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	goOn, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.goOn = goOn
	if err := node.Start(); err != nil {
		t.Fatalf("%s %v: %v", script, args, err)
	}
	go func() {
		defer close(w.lines)
		for scanner := bufio.NewScanner(said); scanner.Scan(); {
			w.lines <- bytes.Clone(scanner.Bytes())
		}
		_ = node.Wait() // what it could not see is in what it did not say
	}()
	t.Cleanup(func() {
		goOn.Close()
		patience := time.AfterFunc(longestClosing, func() { _ = node.Process.Kill() }) // it may be gone
		defer patience.Stop()
		for range w.lines { // until the browser is closed
		}
	})
	return w
}

// Sees waits for what the script says next.
func (w *Window) Sees(t testing.TB, into any) {
	t.Helper()
	select {
	case line, open := <-w.lines:
		if !open {
			t.Fatalf("%s ended:\n%s", w.script, w.complained.Bytes())
		}
		if err := json.Unmarshal(line, into); err != nil {
			t.Fatalf("%s said %q: %v", w.script, line, err)
		}
	case <-time.After(longestScene):
		t.Fatalf("%s has seen nothing for %v", w.script, longestScene)
	}
}

// GoOn tells the script to go on.
func (w *Window) GoOn(t testing.TB) {
	t.Helper()
	if _, err := io.WriteString(w.goOn, "\n"); err != nil {
		t.Fatalf("%s: %v", w.script, err)
	}
}
