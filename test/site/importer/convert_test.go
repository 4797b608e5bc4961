package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInspect lets the real qemu-img look at images, of which some are traps.
func TestInspect(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, bytes.Repeat([]byte("key\n"), 1<<18), 0o600); err != nil {
		t.Fatal(err)
	}
	made := func(options ...string) func(*testing.T, string) {
		return func(t *testing.T, file string) {
			args := append([]string{"create", "-q"}, options...)
			if out, err := exec.Command("qemu-img", append(args, file, "1M")...).CombinedOutput(); err != nil {
				t.Fatalf("qemu-img: %v\n%s", err, out)
			}
		}
	}
	written := func(content string) func(*testing.T, string) {
		return func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	list := "# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\n" +
		"RW 2048 FLAT \"" + secret + "\" 0\nddb.adapterType = \"ide\"\n"
	for name, c := range map[string]struct {
		reason, format, refusal string
		make                    func(*testing.T, string)
	}{
		"QCOW2":      {reason: "An image of its own.", format: "qcow2", make: made("-f", "qcow2")},
		"VMDK":       {reason: "A sparse one names itself as its extent.", format: "vmdk", make: made("-f", "vmdk")},
		"Stream":     {reason: "So does one for transport.", format: "vmdk", make: made("-f", "vmdk", "-o", "subformat=streamOptimized")},
		"VDI":        {reason: "Known.", format: "vdi", make: made("-f", "vdi")},
		"VHDX":       {reason: "Known.", format: "vhdx", make: made("-f", "vhdx")},
		"VPC":        {reason: "Known.", format: "vpc", make: made("-f", "vpc", "-o", "force_size=on")},
		"Raw":        {reason: "What is nothing else is raw.", format: "raw", make: written(strings.Repeat("x", 1024))},
		"Short":      {reason: "So is what is hardly anything.", format: "raw", make: written("K")},
		"Disguised":  {reason: "What qemu-img would take for a list of files stays raw bytes.", format: "raw", make: written("#\n" + list)},
		"Backing":    {reason: "A backing file is another file.", refusal: "invalid backing file", make: made("-f", "qcow2", "-b", secret, "-F", "raw")},
		"DataFile":   {reason: "A data file is another file.", refusal: "reads another file", make: made("-f", "qcow2", "-o", "data_file="+secret+".data")},
		"Descriptor": {reason: "A list of files is no image.", refusal: "Invalid format vmdk descriptor", make: written(list)},
		"Hollow":     {reason: "Nor is a list inside of a header.", refusal: "Invalid format vmdk descriptor", make: written(sparse + strings.Repeat("\x00", 508) + list)},
		"QED":        {reason: "CDI imports no such format.", refusal: "Invalid format qed", make: made("-f", "qed")},
		"LUKS":       {reason: "Nor this one.", refusal: "Invalid format luks", make: written("LUKS\xba\xbe\x00\x02")},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "image")
			c.make(t, file)
			found, err := inspect(t.Context(), file)
			if err != nil {
				t.Fatalf("%s %v", c.reason, err)
			}
			err = found.check(file, 1<<20)
			if c.refusal == "" && (err != nil || found.Format != c.format) {
				t.Errorf("%s got %s, %v, want %s", c.reason, found.Format, err, c.format)
			}
			if c.refusal != "" && (err == nil || !strings.Contains(err.Error(), c.refusal)) {
				t.Errorf("%s got %v, want %q", c.reason, err, c.refusal)
			}
		})
	}
}

// TestDownloadIsBounded unpacks bombs.
func TestDownloadIsBounded(t *testing.T) {
	zeroes := make([]byte, 8<<20)
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write(zeroes)
	_ = zip.Close()
	xz := exec.Command("xz", "-0", "--stdout")
	xz.Stdin = bytes.NewReader(zeroes)
	packed, err := xz.Output()
	if err != nil {
		t.Fatalf("this test packs with xz, install the package xz-utils: %v", err)
	}
	for name, source := range map[string][]byte{"Plain": zeroes, "Gzip": zipped.Bytes(), "XZ": packed} {
		for most, want := range map[int64]error{8 << 20: nil, 8<<20 - 1: errTooLarge, 1 << 20: errTooLarge} {
			file := filepath.Join(t.TempDir(), "image")
			err := download(t.Context(), bytes.NewReader(source), file, most, checksum{})
			if !errors.Is(err, want) {
				t.Errorf("%s of 8 MiB where %d bytes may be: got %v, want %v", name, most, err, want)
			}
			if info, err := os.Stat(file); err != nil || info.Size() > most+1 {
				t.Errorf("%s where %d bytes may be: %v, %v", name, most, info.Size(), err)
			}
		}
	}
	if err := keepVerbatim(bytes.NewReader(zeroes), filepath.Join(t.TempDir(), "image"), 1<<20); !errors.Is(err, errTooLarge) {
		t.Errorf("a clone larger than its volume: got %v, want %v", err, errTooLarge)
	}
}

// TestFilterLeavesNoProgram stops reading early, while the source is silent.
func TestFilterLeavesNoProgram(t *testing.T) {
	source, silent := io.Pipe()
	defer silent.Close()
	reader, err := startFilter(context.Background(), source, "cat")
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Close(); err != nil {
		t.Errorf("closed early: %v", err)
	}
	if state := reader.command.ProcessState; state == nil {
		t.Error("the program runs on")
	}
}
