package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// volumes are the files of a site: one per volume and one per snapshot.
type volumes struct {
	path      func(handle string) string
	snapshots string
}

func (v volumes) snapshot(handle string) string {
	return filepath.Join(v.snapshots, handle, "disk.img")
}

// create makes a volume of a size from the bytes of a file, or empty without
// one. A volume that is there already stays as it is: the call before was
// answered and the answer was lost.
func (v volumes) create(ctx context.Context, handle string, size int64, from string) error {
	return create(ctx, v.path(handle), size, from)
}

// takeSnapshot keeps the bytes that a volume has now, and returns their size.
func (v volumes) takeSnapshot(ctx context.Context, handle, volume string) (int64, error) {
	size, err := v.size(volume)
	if err != nil {
		return 0, err
	}
	return size, create(ctx, v.snapshot(handle), size, v.path(volume))
}

func (v volumes) size(handle string) (int64, error) { return fileSize(v.path(handle)) }

// grow makes a volume larger, in place: whoever has it open keeps it.
func (v volumes) grow(handle string, size int64) error {
	now, err := v.size(handle)
	if err != nil || now >= size {
		return err
	}
	return os.Truncate(v.path(handle), size)
}

func (v volumes) remove(handle string) error {
	return os.RemoveAll(filepath.Dir(v.path(handle)))
}

func (v volumes) removeSnapshot(handle string) error {
	return os.RemoveAll(filepath.Dir(v.snapshot(handle)))
}

// create writes beside the file and moves it in place when it is whole, so that
// a process that dies leaves no half copy under a volume's name.
func create(ctx context.Context, path string, size int64, from string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	part := path + ".part"
	if err := fill(ctx, part, size, from); err != nil {
		return errors.Join(err, os.RemoveAll(filepath.Dir(path)))
	}
	return os.Rename(part, path)
}

func fill(ctx context.Context, part string, size int64, from string) error {
	target, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer target.Close()
	if from != "" {
		source, err := os.Open(from)
		if err != nil {
			return err
		}
		defer source.Close()
		if err := copySparse(ctx, target, source); err != nil {
			return fmt.Errorf("copy %s: %w", from, err)
		}
	}
	return target.Truncate(size)
}

// copySparse copies a file's bytes and leaves its holes holes. A file system
// that shares blocks between files copies nothing at all, and at one moment,
// also while a guest writes.
func copySparse(ctx context.Context, target, source *os.File) error {
	if unix.IoctlFileClone(int(target.Fd()), int(source.Fd())) == nil {
		return nil
	}
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if err := target.Truncate(info.Size()); err != nil {
		return err
	}
	for at := int64(0); at < info.Size(); {
		start, err := source.Seek(at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			return nil // Only a hole is left.
		}
		if err != nil {
			return err
		}
		end, err := source.Seek(start, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		if err := copyRange(ctx, target, source, start, end); err != nil {
			return err
		}
		at = end
	}
	return nil
}

// copyChunk is how much is copied before somebody may stop it.
const copyChunk = 16 << 20

func copyRange(ctx context.Context, target, source *os.File, start, end int64) error {
	for start < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := source.Seek(start, io.SeekStart); err != nil {
			return err
		}
		if _, err := target.Seek(start, io.SeekStart); err != nil {
			return err
		}
		n, err := io.CopyN(target, source, min(copyChunk, end-start))
		if errors.Is(err, io.EOF) {
			return nil // The source became shorter meanwhile.
		}
		if err != nil {
			return err
		}
		start += n
	}
	return nil
}

func fileSize(path string) (int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
