// Package stage is the sandbox as the end-to-end tests see it: the hub and its
// sites over HTTP, as their users reach them, and the files that the sandbox
// keeps. It starts nothing; `make test-e2e` runs the tests inside a sandbox.
//
// Begin at Open.
package stage

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crofthci.io/croft/test/sandbox/state"
)

// Stage is a running sandbox.
type Stage struct {
	// Dir is the sandbox's directory.
	Dir string
	// Admin is the hub's administrator.
	Admin *Client
	// User and Password log the administrator in.
	User, Password string
	// Images is the URL under which the sandbox serves the guests' images.
	Images string
}

// Open finds the sandbox that CROFT_SANDBOX names.
func Open(t testing.TB) *Stage {
	t.Helper()
	dir := os.Getenv("CROFT_SANDBOX")
	if dir == "" {
		t.Fatal("CROFT_SANDBOX is not set: run `make test-e2e`, or start `make run` and set it to the sandbox's directory")
	}
	content, err := os.ReadFile(filepath.Join(dir, "rancher.json"))
	if err != nil {
		t.Fatal(err)
	}
	var hub struct{ URL, User, Password, Token, CACert string }
	if err := json.Unmarshal(content, &hub); err != nil {
		t.Fatalf("rancher.json: %v", err)
	}
	now, err := state.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := NewClient(hub.URL, hub.Token, hub.CACert)
	if err != nil {
		t.Fatalf("rancher.json: %v", err)
	}
	return &Stage{
		Dir:      dir,
		Admin:    admin,
		User:     hub.User,
		Password: hub.Password,
		Images:   fmt.Sprintf("http://127.0.0.1:%d/guests", now.Ports["sandbox"]["guests"]),
	}
}

// Kubeconfig is the path of the administrator's kubeconfig of a cluster: hub or
// a site's name.
func (s *Stage) Kubeconfig(cluster string) string {
	return filepath.Join(s.Dir, cluster, "kubeconfig")
}

// loaded is how many times as long things may take on a machine that does something else meanwhile as on one that does not.
const loaded = 3

// Eventually tries until there is no error, or fails the test with the last one. The deadline is for a machine that does
// nothing else: one that does gets more.
func Eventually(t testing.TB, what string, deadline time.Duration, try func() error) {
	t.Helper()
	deadline *= loaded
	began := time.Now()
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Since(began) > deadline {
			t.Fatalf("%s: not within %v: %v", what, deadline, err)
		}
		time.Sleep(300 * time.Millisecond)
	}
}
