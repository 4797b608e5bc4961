package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"

	"crofthci.io/croft/test/controlplane"
)

// needed is the free disk space a sandbox starts with: two sites use about
// 1 GB, a guest's disk some more.
const needed = 3 << 30

// preflight says everything that is missing at once, each with what to do.
func (r *Run) preflight() error {
	if r.Sites < 1 || r.Nodes < 1 || r.Nodes > 250 {
		return fmt.Errorf("--sites=%d --nodes=%d: a sandbox has at least one site, and a site 1 to 250 nodes", r.Sites, r.Nodes)
	}
	var missing []error
	if !r.Build {
		missing = append(missing, r.built())
	}
	if slices.Contains(r.Only, "sites") {
		missing = append(missing, installed("qemu-img", "qemu-utils", ""))
	}
	if slices.Contains(r.Only, "sites") && !r.Simulate {
		missing = append(missing, installed("qemu-system-x86_64", "qemu-system-x86", ", or use --simulate, without real guests"))
	}
	missing = append(missing, r.space())
	return errors.Join(missing...)
}

// built says what nobody has built yet.
func (r *Run) built() error {
	var missing []error
	for _, name := range []string{"kubernetes", "kubevirt", "virt-api", "cdi"} {
		_, err := controlplane.Binary(name)
		missing = append(missing, err)
	}
	for _, name := range r.programs() {
		if _, err := os.Stat(filepath.Join(r.Bin, name)); err != nil {
			missing = append(missing, fmt.Errorf("the program %s is not in %s; run `make build`", name, r.Bin))
		}
	}
	if slices.Contains(r.Only, "hub") {
		_, err := r.extension()
		missing = append(missing, err)
		if !exists(filepath.Join(r.dashboard(), "index.html")) {
			missing = append(missing, fmt.Errorf("no built dashboard in %s; run `make page`", r.dashboard()))
		}
	}
	return errors.Join(missing...)
}

func (r *Run) programs() []string {
	var names []string
	if slices.Contains(r.Only, "hub") {
		names = append(names, "croft-fleet")
	}
	if slices.Contains(r.Only, "sites") {
		names = append(names, "croft-site", "croft-backend")
	}
	return names
}

func installed(program, pkg, otherwise string) error {
	if _, err := exec.LookPath(program); err != nil {
		return fmt.Errorf("the program %s is missing; install it with `apt-get install %s`%s", program, pkg, otherwise)
	}
	return nil
}

// space checks the disk that will hold the sandbox.
func (r *Run) space() error {
	at := r.Dir
	for !exists(at) && at != filepath.Dir(at) {
		at = filepath.Dir(at)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(at, &disk); err != nil {
		return fmt.Errorf("free space of %s: %w", at, err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < needed {
		return fmt.Errorf("only %d MB are free in %s, a sandbox needs %d MB; free some, or give another --dir", free>>20, at, needed>>20)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
