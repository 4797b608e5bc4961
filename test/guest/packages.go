package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// workshop is the folder in which one image is built.
type workshop string

func (w workshop) path(parts ...string) string {
	return filepath.Join(append([]string{string(w)}, parts...)...)
}

// download fetches Debian's packages into deb, and unpacks those of the guest
// into guest and those that run here into tools.
func (w workshop) download() error {
	kernel, err := dependency(kernelPackage)
	if err != nil {
		return err
	}
	for folder, packages := range map[string][]string{
		"guest": append([]string{kernel}, guestPackages...),
		"tools": toolPackages,
	} {
		debs := w.path("deb", folder)
		if err := os.MkdirAll(debs, 0o755); err != nil {
			return err
		}
		if err := w.fetch(debs, packages); err != nil {
			return err
		}
		files, err := filepath.Glob(filepath.Join(debs, "*.deb"))
		if err != nil {
			return err
		}
		for _, file := range files {
			if _, err := w.command("dpkg-deb", "-x", file, w.path(folder)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w workshop) fetch(dir string, packages []string) error {
	args := []string{"download", "--quiet=2"}
	if os.Getuid() == 0 {
		// Else apt changes to a user that may not write here, and warns.
		args = append(args, "-o", "APT::Sandbox::User=root")
	}
	cmd := exec.Command("apt-get", append(args, packages...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get download (try again after apt-get update): %w\n%s", err, out)
	}
	return nil
}

// dependency is the first package that the given one depends on.
func dependency(name string) (string, error) {
	out, err := exec.Command("apt-cache", "depends", "--important", name).Output()
	if err != nil {
		return "", fmt.Errorf("apt-cache depends %s (try again after apt-get update): %w", name, err)
	}
	for line := range strings.Lines(string(out)) {
		if _, found, ok := strings.Cut(line, "Depends: "); ok {
			return strings.TrimSpace(found), nil
		}
	}
	return "", fmt.Errorf("package %s depends on no kernel; is this machine's Debian amd64?", name)
}

// command runs a program with the unpacked tools on its path.
func (w workshop) command(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	tools := w.path("tools", "usr", "bin")
	cmd.Env = append(os.Environ(), "PATH="+tools+":"+os.Getenv("PATH")+":/usr/sbin:/sbin", "MTOOLS_SKIP_CHECK=1")
	if found := filepath.Join(tools, name); fileExists(found) {
		cmd.Path, cmd.Err = found, nil
	} else if found := filepath.Join("/usr/sbin", name); cmd.Err != nil && fileExists(found) {
		cmd.Path, cmd.Err = found, nil
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return string(out), nil
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// compile builds the program that reads NoCloud, for the guest.
func (w workshop) compile() error {
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-o", w.path("nocloud"), "crofthci.io/croft/test/guest/nocloud")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build (run this from the repository): %w\n%s", err, out)
	}
	return nil
}
