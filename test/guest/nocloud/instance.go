package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const (
	// instanceFile remembers across boots for which instance the seed was
	// applied, so that a copied disk with a new seed becomes a new machine.
	instanceFile = "/var/lib/cloud/instance-id"
	// newInstance is there while this boot is the first one of its instance.
	newInstance = seedCopy + "/new-instance"
)

// initialise does, before the network is up, what the seed says about the
// machine itself: its name, bootcmd on every boot; users and files once.
func initialise() error {
	seedErr := copySeed()
	meta, data, err := readSeed()
	if err := errors.Join(seedErr, err); err != nil {
		return err
	}
	report(setHostname(hostname(meta, data)))
	for _, c := range data.BootCommands {
		report(run(c))
	}
	id := firstOf(meta.InstanceID, "none")
	if last, _ := os.ReadFile(instanceFile); strings.TrimSpace(string(last)) == id {
		return nil
	}
	data.SSHAuthorizedKeys = append(data.SSHAuthorizedKeys, slices.Sorted(maps.Values(meta.PublicKeys))...)
	for _, u := range accounts(data) {
		report(addAccount(u))
	}
	for _, f := range data.WriteFiles {
		report(write(f))
	}
	if err := os.MkdirAll(filepath.Dir(instanceFile), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(newInstance, nil, 0o600); err != nil {
		return err
	}
	return os.WriteFile(instanceFile, []byte(id+"\n"), 0o644)
}

// finalise runs, with the network up and on an instance's first boot only,
// runcmd or the user's script.
func finalise() error {
	if _, err := os.Stat(newInstance); err != nil {
		return nil
	}
	_, data, err := readSeed()
	if err != nil {
		return err
	}
	if data.script != nil {
		script := "/var/lib/cloud/user-script"
		if err := os.WriteFile(script, data.script, 0o700); err != nil {
			return err
		}
		report(run(command{script}))
	}
	for _, c := range data.RunCommands {
		report(run(c))
	}
	return os.Remove(newInstance)
}

func setHostname(name string) error {
	if name == "" {
		return nil
	}
	if err := syscall.Sethostname([]byte(name)); err != nil {
		return fmt.Errorf("hostname %q: %w", name, err)
	}
	if err := os.WriteFile("/etc/hostname", []byte(name+"\n"), 0o644); err != nil {
		return err
	}
	return os.WriteFile("/etc/hosts", []byte("127.0.0.1 localhost\n127.0.1.1 "+name+"\n"), 0o644)
}

func run(c command) error {
	if len(c) == 0 {
		return nil
	}
	cmd := exec.Command(c[0], c[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Dir = "/"
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run %q: %w", strings.Join(c, " "), err)
	}
	return nil
}

// decode undoes write_files' encoding.
func decode(f writeFile) ([]byte, error) {
	switch f.Encoding {
	case "", "text/plain":
		return []byte(f.Content), nil
	case "b64", "base64":
		content, err := base64.StdEncoding.DecodeString(strings.TrimSpace(f.Content))
		if err != nil {
			return nil, fmt.Errorf("write_files %s: %w", f.Path, err)
		}
		return content, nil
	case "gzip+b64", "gz+b64", "gzip+base64", "gz+base64":
		content, err := unpack(strings.TrimSpace(f.Content))
		if err != nil {
			return nil, fmt.Errorf("write_files %s: %w", f.Path, err)
		}
		return content, nil
	}
	return nil, fmt.Errorf("write_files %s: encoding %q is not known; use b64, gzip+b64 or none", f.Path, f.Encoding)
}

// unpack undoes gzip behind base64, which is how rancher-machine writes its install script.
func unpack(text string) ([]byte, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

func write(f writeFile) error {
	content, err := decode(f)
	if err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if f.Permissions != "" {
		bits, err := strconv.ParseUint(strings.TrimPrefix(f.Permissions, "0o"), 8, 32)
		if err != nil {
			return fmt.Errorf("write_files %s: permissions %q are not octal", f.Path, f.Permissions)
		}
		mode = os.FileMode(bits)
	}
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		return err
	}
	flags := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if f.Append {
		flags = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	file, err := os.OpenFile(f.Path, flags, mode)
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		file.Close()
		return err
	}
	if err := errors.Join(file.Close(), os.Chmod(f.Path, mode)); err != nil {
		return err
	}
	if f.Owner == "" {
		return nil
	}
	return run(command{"chown", f.Owner, f.Path})
}
