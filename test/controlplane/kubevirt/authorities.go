package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"kubevirt.io/kubevirt/pkg/virt-controller/watch"
)

const (
	// authorities is the folder of --out for the authorities that virt-controller
	// signs with, one folder each.
	authorities = "virt-controller-authorities"
	// authoritiesVariable names that folder to virt-controller.
	authoritiesVariable = "CROFT_VIRT_CONTROLLER_AUTHORITIES"
	// mountPoint is where virt-controller looks for them, whatever its flags say.
	mountPoint = "/etc/virt-controller"
)

// virtController runs KubeVirt's controllers where their authorities are in the
// place that a pod's mounts would give them. Without them it runs as well, until
// somebody makes the first export or backup.
func virtController() error {
	folder := os.Getenv(authoritiesVariable)
	if folder == "" {
		watch.Execute()
		return nil
	}
	// What is executed below is the same program, and must not come here again.
	if err := os.Unsetenv(authoritiesVariable); err != nil {
		return err
	}
	// The mounts are this thread's, and executing a program makes them the process's.
	runtime.LockOSThread()
	if err := mountAuthorities(folder); err != nil {
		fmt.Fprintf(os.Stderr, "virt-controller: the first export will end it: %v\n", err)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, append([]string{self}, os.Args...), os.Environ())
}

// mountAuthorities puts the folder in its place for this thread alone: two
// virt-controllers on one machine have different ones.
func mountAuthorities(folder string) error {
	if err := os.MkdirAll(mountPoint, 0o755); err != nil {
		return err
	}
	if err := syscall.Unshare(syscall.CLONE_NEWNS); err != nil {
		return fmt.Errorf("a mount namespace of its own (it needs root): %w", err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keep mounts private: %w", err)
	}
	if err := syscall.Mount(folder, mountPoint, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s: %w", folder, err)
	}
	return nil
}
