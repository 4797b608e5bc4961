package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// receive keeps what is sent in a file, and looks whether it fits.
func (u *upload) receive(ctx context.Context, source io.Reader) (file string, remove func(), err error) {
	fault, err := u.worker.fault(ctx)
	if err != nil {
		return "", nil, err
	}
	source, err = troubled(ctx, fault, source, u.target.size)
	if err != nil {
		return "", nil, err
	}
	dir, err := u.worker.scratch()
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	file = filepath.Join(dir, "tmpimage")
	if u.clone {
		err = keepVerbatim(source, file, u.target.size)
	} else {
		err = download(ctx, source, file, u.target.room(), checksum{})
	}
	if err == nil {
		err = u.fits(ctx, file)
	}
	if err != nil {
		remove()
		return "", nil, err
	}
	return file, remove, nil
}

// keepVerbatim keeps another volume's bytes, whatever they look like.
func keepVerbatim(source io.Reader, file string, most int64) error {
	target, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(copyAtMost(target, source, most), target.Close())
}

// inspect asks what was sent; another volume's bytes are raw by what they are,
// not by what they look like.
func (u *upload) inspect(ctx context.Context, file string) (image, error) {
	if !u.clone {
		return inspect(ctx, file)
	}
	info, err := os.Stat(file)
	if err != nil {
		return image{}, err
	}
	return image{Format: "raw", Size: info.Size()}, nil
}

func (u *upload) fits(ctx context.Context, file string) error {
	found, err := u.inspect(ctx, file)
	if err != nil {
		return err
	}
	if err := found.check(file, u.target.size); err != nil {
		return fmt.Errorf("%w: %w", errTooLarge, err)
	}
	return nil
}

func (u *upload) store(ctx context.Context, file string) error {
	found, err := u.inspect(ctx, file)
	if err != nil {
		return converting(err)
	}
	return u.target.convert(ctx, file, found)
}
