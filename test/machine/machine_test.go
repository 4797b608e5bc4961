package machine

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// script is what Rancher would have run in a node.
func script(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "install.sh")
	if err := os.WriteFile(file, []byte("#!/bin/sh\necho installed >/tmp/croft-installed\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestLife has rancher-machine make a machine, ask for it, stop it and remove it.
func TestLife(t *testing.T) {
	s := open(t)
	store, name := t.TempDir(), "blue-pool1-x7k2p-abcde"
	began := time.Now()
	t.Log(s.run(store, create(script(t), name)...))
	t.Logf("made in %.0f s", time.Since(began).Seconds())
	address := s.told(store, "ip", name)
	if _, err := netip.ParseAddr(address); err != nil {
		t.Errorf("its address: %q", address)
	}
	if got := s.told(store, "status", name); got != "Running" {
		t.Errorf("its status: %q", got)
	}
	if got := s.told(store, "inspect", name); !strings.Contains(got, `"Namespace": "machine-test"`) || strings.Contains(got, "token") {
		t.Errorf("what rancher-machine keeps: %s", got)
	}
	s.eventually("the script has run in the guest", func() bool {
		out, err := s.try(store, "ssh", name, "cat /tmp/croft-installed")
		return err == nil && strings.Contains(out, "installed")
	})
	s.run(store, "stop", name)
	if got := s.told(store, "status", name); got != "Stopped" {
		t.Errorf("its status: %q", got)
	}
	// rancher-machine looks for a Docker in the guest when it has started it, and there is none in a node.
	out, err := s.try(store, "start", name)
	t.Logf("start: %v: %s", err, out)
	if got := s.told(store, "status", name); got != "Running" {
		t.Errorf("its status: %q", got)
	}
	claims := s.kubectl("", "get", "pvc", "-n", namespace, "-o", "name")
	s.run(store, "rm", "-y", name)
	s.nothing()
	t.Logf("it had %s", claims)
}

// nothing holds that no machine and no disk of one is left.
func (s station) nothing() {
	s.Helper()
	if left := s.kubectl("", "get", "vm,vmi", "-n", namespace, "-o", "name"); left != "" {
		s.Errorf("left: %s", left)
	}
	if left := s.kubectl("", "get", "pvc", "-n", namespace, "-o", "name"); strings.Contains(left, "disk-") {
		s.Errorf("left: %s", left)
	}
}

// TestKilled kills rancher-machine in the middle of create, and runs it again with another store: one machine, no orphan.
func TestKilled(t *testing.T) {
	s := open(t)
	name, install := "blue-pool1-x7k2p-killd", script(t)
	store := t.TempDir()
	command := s.command(t.Context(), store, create(install, name)...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s.eventually("the machine is asked for", func() bool {
		return s.kubectl("", "get", "vm", "-n", namespace, "-o", "name") != ""
	})
	if err := syscall.Kill(-command.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	command.Wait()
	other := t.TempDir()
	t.Log(s.run(other, create(install, name)...))
	if got := strings.Fields(s.kubectl("", "get", "vm", "-n", namespace, "-o", "name")); len(got) != 1 {
		t.Errorf("one machine: %v", got)
	}
	if got := strings.Count(s.kubectl("", "get", "pvc", "-n", namespace, "-o", "name"), "-disk-"); got != 1 {
		t.Errorf("one disk: %d", got)
	}
	s.run(other, "rm", "-y", name)
	s.nothing()
}

// eventually waits for something to become true.
func (s station) eventually(what string, is func() bool) {
	s.Helper()
	for deadline := time.Now().Add(s.patience); !is(); time.Sleep(300 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("%s: not within %v", what, s.patience)
		}
	}
}
