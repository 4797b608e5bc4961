package longhorn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/longhorn"
)

// clone opens another image's disk, encrypted or decrypted with the key in a secret.
func (m *Manager) clone(ctx context.Context, parameters map[string]string) (io.ReadCloser, int64, error) {
	passphrase, err := passphraseOf(ctx, m.Client, parameters["secret-namespace"], parameters["secret"])
	if errors.Is(err, errNoSecret) {
		return nil, 0, err
	}
	from := filepath.Join(m.Dir, filepath.Base(parameters["backing-image"]), "file")
	if err != nil {
		return nil, 0, unopened(from, err)
	}
	if _, err := os.Stat(from); err != nil {
		return nil, 0, fmt.Errorf("failed to prepare source file: source file %s not found: %w", from, err)
	}
	dir, err := os.MkdirTemp(m.Dir, "clone")
	if err != nil {
		return nil, 0, err
	}
	to := filepath.Join(dir, "file")
	switch operation := parameters["encryption"]; operation {
	case "encrypt":
		err = seal(ctx, diskIn(m.Dir, parameters["backing-image"]), to, passphrase)
	case "decrypt":
		err = unseal(ctx, from, to, passphrase)
	default:
		err = fmt.Errorf("encryption operation %s is not specified", operation)
	}
	if err != nil {
		return nil, 0, errors.Join(unopened(from, err), os.RemoveAll(dir))
	}
	opened, size, err := file(to)
	if err != nil {
		return nil, 0, errors.Join(err, os.RemoveAll(dir))
	}
	return passing{opened, dir}, size, nil
}

// unopened is what Longhorn says of an encrypted file that it cannot read, or write.
func unopened(file string, why error) error {
	return fmt.Errorf("failed to open clone source file: failed to setup the crypto device with the file %s during cloning: %w", file, why)
}

// passing is a file that is read once, and is gone then.
type passing struct {
	io.ReadCloser

	dir string
}

// Close closes the file and takes it away.
func (p passing) Close() error { return errors.Join(p.ReadCloser.Close(), os.RemoveAll(p.dir)) }

// Opened is a file beside an encrypted disk with what volumes read of it, made anew each time: the key may be another one now.
func Opened(ctx context.Context, from client.Reader, disk string, key longhorn.Secret) (string, error) {
	passphrase, err := passphraseOf(ctx, from, key.Namespace, key.Name)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(filepath.Dir(disk), "opening")
	if err != nil {
		return "", err
	}
	part, whole := filepath.Join(dir, "disk.img"), disk+".plain"
	err = unseal(ctx, disk, part, passphrase)
	if err == nil {
		err = os.Rename(part, whole)
	}
	return whole, errors.Join(err, os.RemoveAll(dir))
}
