package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	seedMount = "/run/cidata"
	// seedCopy keeps what the seed said, because the later verbs run after the
	// disk may have been ejected.
	seedCopy = "/run/nocloud"
)

// seedNames are the files that a NoCloud volume may hold.
var seedNames = []string{"meta-data", "user-data", "vendor-data", "network-config"}

// label reads a volume's label from its first 64 KiB, for the two file systems
// that NoCloud volumes have. It returns "" where there is none.
func label(head []byte) string {
	const iso = 0x8000
	if len(head) >= iso+72 && string(head[iso+1:iso+6]) == "CD001" {
		return strings.TrimSpace(string(head[iso+40 : iso+72]))
	}
	if len(head) < 512 || head[510] != 0x55 || head[511] != 0xAA {
		return ""
	}
	if bytes.HasPrefix(head[82:], []byte("FAT32")) {
		return strings.TrimSpace(string(head[71:82]))
	}
	if bytes.HasPrefix(head[54:], []byte("FAT")) {
		return strings.TrimSpace(string(head[43:54]))
	}
	return ""
}

// canonical undoes what an ISO 9660 writer without extensions does to a name:
// USER_DATA.;1 is user-data.
func canonical(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(name), ";")
	return strings.ReplaceAll(strings.TrimSuffix(name, "."), "_", "-")
}

// mountSeed mounts the first block device labelled cidata, read only.
func mountSeed() error {
	devices, err := filepath.Glob("/sys/class/block/*")
	if err != nil {
		return err
	}
	for _, device := range devices {
		path := "/dev/" + filepath.Base(device)
		if !strings.EqualFold(label(head(path)), "cidata") {
			continue
		}
		if err := os.MkdirAll(seedMount, 0o755); err != nil {
			return err
		}
		for _, kind := range []string{"iso9660", "vfat"} {
			if err = syscall.Mount(path, seedMount, kind, syscall.MS_RDONLY, ""); err == nil {
				return nil
			}
		}
		return fmt.Errorf("mount %s: %w", path, err)
	}
	return os.ErrNotExist
}

func head(path string) []byte {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	head := make([]byte, 64<<10)
	n, _ := file.ReadAt(head, 0)
	return head[:n]
}

// copySeed leaves the seed's files in seedCopy under their proper names.
// A guest without a seed gets an empty one.
func copySeed() error {
	if err := os.MkdirAll(seedCopy, 0o700); err != nil {
		return err
	}
	err := mountSeed()
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = syscall.Unmount(seedMount, 0) }() // the boot goes on without
	entries, err := os.ReadDir(seedMount)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		for _, name := range seedNames {
			if canonical(entry.Name()) != name {
				continue
			}
			content, err := os.ReadFile(filepath.Join(seedMount, entry.Name()))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(seedCopy, name), content, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}
