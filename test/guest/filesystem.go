package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// initramfs writes the kernel's initial file system, which only finds the root.
func (w workshop) initramfs() error {
	busybox, err := os.ReadFile(w.path("guest", "bin", "busybox"))
	if err != nil {
		return err
	}
	start, err := inputs.ReadFile("overlay/initramfs/init")
	if err != nil {
		return err
	}
	found, err := findModules(w.path("guest", "lib", "modules"))
	if err != nil {
		return err
	}
	files, err := found.order(earlyModules)
	if err != nil {
		return err
	}

	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	a := &archive{out: zip}
	for _, dir := range []string{"bin", "dev", "modules", "proc", "root", "sys"} {
		a.dir(dir)
	}
	a.file("init", start)
	a.file("bin/busybox", busybox)
	for _, applet := range []string{"sh", "mount", "insmod", "findfs", "usleep", "switch_root", "echo", "ls", "cat"} {
		a.link("bin/"+applet, "busybox")
	}
	var order bytes.Buffer
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		a.file("modules/"+filepath.Base(file), content)
		fmt.Fprintln(&order, filepath.Base(file))
	}
	a.file("modules/order", order.Bytes())
	if err := a.close(); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	return os.WriteFile(w.path("initrd"), packed.Bytes(), 0o644)
}

// root lays out the guest's root file system in the folder rootfs.
func (w workshop) root() error {
	for _, dir := range []string{
		"bin", "dev", "etc", "home/croft", "lib/modules", "lib64", "mnt", "proc", "root", "run",
		"sbin", "sys", "tmp", "usr/bin", "usr/lib/x86_64-linux-gnu", "var/lib/cloud", "var/run",
	} {
		if err := os.MkdirAll(w.path("rootfs", dir), 0o755); err != nil {
			return err
		}
	}
	for _, step := range []func() error{w.overlay, w.busybox, w.programs, w.lateModules} {
		if err := step(); err != nil {
			return err
		}
	}
	if os.Getuid() == 0 {
		return os.Chown(w.path("rootfs", "home/croft"), 1000, 1000)
	}
	return nil
}

// overlay copies the configuring files; a script is told by its first line.
func (w workshop) overlay() error {
	files, err := fs.Sub(inputs, "overlay/root")
	if err != nil {
		return err
	}
	return fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := w.path("rootfs", path)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		mode := os.FileMode(0o644)
		if bytes.HasPrefix(content, []byte("#!")) {
			mode = 0o755
		}
		if path == "etc/shadow" {
			mode = 0o600
		}
		return os.WriteFile(target, content, mode)
	})
}

// busybox puts busybox and a link for each of its programs in place.
func (w workshop) busybox() error {
	source := w.path("guest", "bin", "busybox")
	if err := install(source, w.path("rootfs", "bin", "busybox"), 0o755); err != nil {
		return err
	}
	out, err := exec.Command(source, "--list").Output()
	if err != nil {
		return fmt.Errorf("list busybox's programs: %w", err)
	}
	for applet := range strings.FieldsSeq(string(out)) {
		if applet == "busybox" {
			continue
		}
		if err := os.Symlink("busybox", w.path("rootfs", "bin", applet)); err != nil {
			return err
		}
	}
	for _, name := range []string{"init", "poweroff", "reboot", "halt"} {
		if err := os.Symlink("/bin/busybox", w.path("rootfs", "sbin", name)); err != nil {
			return err
		}
	}
	return os.Symlink("/run/resolv.conf", w.path("rootfs", "etc", "resolv.conf"))
}

// programs installs what is no part of busybox, and the libraries it loads.
func (w workshop) programs() error {
	var sources []string
	for _, program := range programs {
		source := w.path("guest", program)
		sources = append(sources, source)
		if err := install(source, w.path("rootfs", "usr", "bin", filepath.Base(program)), 0o755); err != nil {
			return err
		}
	}
	found, err := libraries([]string{
		w.path("guest", "lib", "x86_64-linux-gnu"),
		w.path("guest", "usr", "lib", "x86_64-linux-gnu"),
	}, sources...)
	if err != nil {
		return err
	}
	for name, file := range found {
		folder := "usr/lib/x86_64-linux-gnu"
		if strings.HasPrefix(name, "ld-linux") {
			folder = "lib64"
		}
		if err := install(file, w.path("rootfs", folder, name), 0o755); err != nil {
			return err
		}
	}
	if err := install(w.path("nocloud"), w.path("rootfs", "usr", "bin", "nocloud"), 0o755); err != nil {
		return err
	}
	if err := os.Symlink("nocloud", w.path("rootfs", "usr", "bin", "chpasswd")); err != nil {
		return err
	}
	// A copy, not a link: only this one may have the set-user-id bit.
	return install(w.path("nocloud"), w.path("rootfs", "usr", "bin", "sudo"), 0o755|os.ModeSetuid)
}

// lateModules installs the modules that the boot script loads.
func (w workshop) lateModules() error {
	found, err := findModules(w.path("guest", "lib", "modules"))
	if err != nil {
		return err
	}
	files, err := found.order(lateModules)
	if err != nil {
		return err
	}
	var order bytes.Buffer
	for _, file := range files {
		fmt.Fprintln(&order, filepath.Base(file))
		if err := install(file, w.path("rootfs", "lib", "modules", filepath.Base(file)), 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(w.path("rootfs", "lib", "modules", "order"), order.Bytes(), 0o644)
}

func install(source, target string, mode os.FileMode) error {
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	if err := os.WriteFile(target, content, 0o755); err != nil {
		return err
	}
	return os.Chmod(target, mode)
}
