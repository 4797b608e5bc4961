package importer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// disk is the file of a volume that is filled.
type disk struct {
	path string
	size int64
}

// room is how many bytes an image for the disk may have: the disk's own, and
// what a format keeps beside them.
func (d *disk) room() int64 { return d.size + d.size/8 + 64<<20 }

// image is what qemu-img knows of a file.
type image struct {
	Format   string `json:"format"`
	Size     int64  `json:"virtual-size"`
	Backing  string `json:"backing-filename"`
	Specific struct {
		Data struct {
			// DataFile holds the bytes of a qcow2 image outside of it.
			DataFile string `json:"data-file"`
			// Extents are the files of a VMDK image.
			Extents []extent `json:"extents"`
		} `json:"data"`
	} `json:"format-specific"`
}

type extent struct {
	File string `json:"filename"`
}

// check says in CDI's words why an image cannot go onto a disk of a size.
func (i image) check(name string, size int64) error {
	if !slices.Contains(formats, i.Format) {
		return fmt.Errorf("Invalid format %s for image %s", i.Format, name)
	}
	if i.Backing != "" {
		return fmt.Errorf("Image %s is invalid because it has invalid backing file %s", name, i.Backing)
	}
	if other := i.outside(name); other != "" {
		return fmt.Errorf("Image %s is invalid because it reads another file, %s", name, other)
	}
	if i.Size > size {
		return fmt.Errorf("virtual image size %d is larger than the reported available storage %d. A larger PVC is required", i.Size, size)
	}
	return nil
}

// outside is a file beside the image itself that its bytes would come from: an
// image must not read this machine's files.
func (i image) outside(name string) string {
	if file := i.Specific.Data.DataFile; file != "" {
		return file
	}
	for _, e := range i.Specific.Data.Extents {
		if e.File != name {
			return e.File
		}
	}
	return ""
}

// empty makes every byte of the disk zero, in place.
func (d *disk) empty() error {
	if err := os.Truncate(d.path, 0); err != nil {
		return err
	}
	return os.Truncate(d.path, d.size)
}

// convert writes an image of any known format onto the disk, raw, and leaves
// the rest of the disk zero.
func (d *disk) convert(ctx context.Context, file string, found image) error {
	if err := found.check(file, d.size); err != nil {
		return converting(err)
	}
	if err := d.empty(); err != nil {
		return converting(err)
	}
	if _, err := qemuImage(ctx, "convert", "-n", "--target-is-zero", "-f", found.Format, "-O", "raw", file, d.path); err != nil {
		return converting(fmt.Errorf("Conversion to Raw failed: could not convert image to raw: %w", err))
	}
	// An image whose last sector is not whole makes the file a little longer.
	return os.Truncate(d.path, d.size)
}

func converting(err error) error {
	return fmt.Errorf("Unable to convert source data to target format: %w", err)
}

// inspect asks qemu-img about a file as the format that its first bytes say: left
// to guess, qemu-img opens what an image names before anybody has checked it.
func inspect(ctx context.Context, file string) (image, error) {
	format, err := formatOf(file)
	if err != nil {
		return image{}, fmt.Errorf("error getting info on image: %w", err)
	}
	if !slices.Contains(formats, format) {
		return image{Format: format}, nil // check refuses it
	}
	out, err := qemuImage(ctx, "info", "--output=json", "-f", format, file)
	if err != nil {
		return image{}, fmt.Errorf("error getting info on image: %w", err)
	}
	var found image
	if err := json.Unmarshal(out, &found); err != nil {
		return image{}, fmt.Errorf("error getting info on image: %w", err)
	}
	return found, nil
}

func qemuImage(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "qemu-img", args...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("qemu-img %s: %w: %s", args[0], err, strings.TrimSpace(complaint.String()))
	}
	return out.Bytes(), nil
}
