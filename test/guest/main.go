// Guest builds the tiny guest: a disk image of a few MiB that boots in a few
// seconds even where there is no KVM, reads NoCloud, has DHCP on its cards, an
// SSH server, the QEMU guest agent and a root shell on its consoles. It is made
// of Debian's packages (kernel, busybox, dropbear) and of the folders overlay
// (the files that configure it) and nocloud (the program that reads NoCloud);
// no part of the build needs root, a mount or a network other than Debian's.
//
// Begin with build below, which is the order of the work, then recipe.go for
// what goes in.
package main

import (
	"crypto/sha256"
	"crypto/sha512"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"
)

// inputs are everything that decides what the image is, but for the versions
// of Debian's packages: a security update of those alone builds no new image.
//
//go:embed all:overlay nocloud cpio.go disk.go filesystem.go main.go module.go packages.go recipe.go
var inputs embed.FS

// flags are the command line.
type flags struct {
	Out   string `help:"Folder for croft-tiny.qcow2 and its checksum." default:"${cache}/guests" env:"CROFT_GUESTS"`
	Force bool   `help:"Build even where the image is there already."`
	Keep  bool   `help:"Keep the folder that the image was built in, and say where it is."`
}

const imageName = "croft-tiny.qcow2"

func main() {
	cache := os.Getenv("CROFT_CACHE")
	if cache == "" {
		home, _ := os.UserHomeDir()
		cache = filepath.Join(home, ".cache", "croft")
	}
	var f flags
	kong.Parse(&f, kong.Description("Builds the tiny guest's disk image."), kong.Vars{"cache": cache})
	if err := run(f); err != nil {
		fmt.Fprintln(os.Stderr, "guest:", err)
		os.Exit(1)
	}
}

// run builds the image of the inputs' hash unless it is there, and points the
// plain name to it.
func run(f flags) error {
	sum, err := hashInputs(inputs)
	if err != nil {
		return err
	}
	versioned := fmt.Sprintf("croft-tiny-%s.qcow2", sum[:12])
	image := filepath.Join(f.Out, versioned)
	if err := os.MkdirAll(f.Out, 0o755); err != nil {
		return err
	}
	if _, err := os.Stat(image); err != nil || f.Force {
		work, err := os.MkdirTemp(f.Out, "building-")
		if err != nil {
			return err
		}
		if !f.Keep {
			defer os.RemoveAll(work)
		}
		fmt.Println("guest: building", image, "in", work)
		if err := build(work, image); err != nil {
			return err
		}
	}
	fmt.Println("guest:", filepath.Join(f.Out, imageName), "→", versioned)
	return errors.Join(link(f.Out, versioned), writeSum(f.Out, image))
}

// build is the whole work, in order.
func build(work, image string) error {
	w := workshop(work)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"download Debian's packages", w.download},
		{"compile nocloud", w.compile},
		{"make the initial file system", w.initramfs},
		{"make the root file system", w.root},
		{"make the disk", w.disk},
	} {
		fmt.Println("guest:", step.name)
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return w.convert(image)
}

// hashInputs gives equal inputs an equal name.
func hashInputs(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", path, len(content))
		_, err = sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// link makes the plain name lead to the versioned image, atomically.
func link(dir, versioned string) error {
	next := filepath.Join(dir, ".next-"+versioned)
	if err := os.Symlink(versioned, next); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(next, filepath.Join(dir, imageName))
}

// writeSum writes what sha512sum would, beside the image.
func writeSum(dir, image string) error {
	file, err := os.Open(image)
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	line := hex.EncodeToString(sum.Sum(nil)) + "  " + imageName + "\n"
	return os.WriteFile(filepath.Join(dir, imageName+".sha512"), []byte(line), 0o644)
}
