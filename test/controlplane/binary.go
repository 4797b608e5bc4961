package controlplane

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// CacheDir is where built programs and guest images are kept: CROFT_CACHE, or
// .cache/croft in the home directory.
func CacheDir() string {
	if dir := os.Getenv("CROFT_CACHE"); dir != "" {
		return dir
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = os.TempDir()
	}
	return filepath.Join(home, ".cache", "croft")
}

// Binary returns the file of a control plane program: kubernetes, kubevirt,
// virt-api or cdi.
func Binary(name string) (string, error) {
	path := binaryPath(name)
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("the program %s is not built: no file %s; run `make controlplane`", name, path)
	}
	if err != nil {
		return "", fmt.Errorf("program %s: %w", name, err)
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return "", fmt.Errorf("%s is not a program; remove it and run `make controlplane`", path)
	}
	return path, nil
}

// binaryPath is where Binary looks: the file itself where there is one, and not the link to it, which another checkout
// with another version moves while a supervisor goes on starting this one.
func binaryPath(name string) string {
	link := filepath.Join(CacheDir(), "bin", name)
	if path, err := filepath.EvalSymlinks(link); err == nil {
		return path
	}
	return link
}
