package machinejob

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// furnish makes the folder that the program takes for the whole machine: what Rancher's image has and a program without
// libraries needs, and the pod's volumes.
func (j job) furnish(ctx context.Context, root string) error {
	for _, folder := range []string{home, programs, "/tmp", "/etc/rancher/ssl", "/dev"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			return err
		}
	}
	null := filepath.Join(root, os.DevNull)
	if err := syscall.Mknod(null, syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
		return fmt.Errorf("make %s: %w", os.DevNull, err)
	}
	if err := os.Chmod(null, 0o666); err != nil {
		return err
	}
	if err := copyProgram(j.site.Machine, filepath.Join(root, programs, "rancher-machine")); err != nil {
		return err
	}
	if err := j.mount(ctx, root); err != nil {
		return err
	}
	for _, own := range []string{home, programs, "/tmp", "/etc/rancher/ssl"} {
		if err := os.Chown(filepath.Join(root, own), int(j.user()), int(j.user())); err != nil {
			return err
		}
	}
	return nil
}

func copyProgram(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	return writeProgram(source, to)
}

// writeProgram writes a file that everybody may run.
func writeProgram(from io.Reader, to string) error {
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, from); err != nil {
		target.Close()
		return err
	}
	return target.Close()
}
