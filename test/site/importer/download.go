package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"  //nolint:gosec // a person may ask for it
	"crypto/sha1" //nolint:gosec // a person may ask for it
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"os/exec"
	"strings"
)

// checksum is what an image's bytes, as they are sent, must sum up to. The zero
// value wants nothing.
type checksum struct {
	algorithm, sum string
}

var algorithms = map[string]func() hash.Hash{
	"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New,
}

// parseChecksum reads CDI's algorithm:hexadecimal.
func parseChecksum(text string) (checksum, error) {
	if text == "" {
		return checksum{}, nil
	}
	algorithm, sum, ok := strings.Cut(strings.ToLower(strings.TrimSpace(text)), ":")
	if !ok {
		return checksum{}, fmt.Errorf("checksum %q is not of the form algorithm:hash", text)
	}
	newHash, known := algorithms[algorithm]
	if !known {
		return checksum{}, fmt.Errorf("unsupported hash algorithm: %s", algorithm)
	}
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != newHash().Size() {
		return checksum{}, fmt.Errorf("checksum %q is no %s sum", text, algorithm)
	}
	return checksum{algorithm, sum}, nil
}

// mismatchError says that an image is not the one that was asked for. Its words
// are how CDI's controller knows that there is no use in trying again.
type mismatchError struct {
	want, got checksum
}

// Error names both sums.
func (e *mismatchError) Error() string {
	return fmt.Sprintf("checksum mismatch: expected %s:%s, calculated %s:%s", e.want.algorithm, e.want.sum, e.got.algorithm, e.got.sum)
}

// download writes a source's bytes, unpacked, to a file, and checks their sum.
func download(ctx context.Context, source io.Reader, file string, want checksum) error {
	var sum hash.Hash
	if want.algorithm != "" {
		sum = algorithms[want.algorithm]()
		source = io.TeeReader(source, sum)
	}
	target, err := os.Create(file)
	if err != nil {
		return err
	}
	defer target.Close()
	unpacked, finish, err := unpack(ctx, source)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, unpacked); err != nil {
		return err
	}
	if err := finish(); err != nil {
		return err
	}
	if sum == nil {
		return target.Close()
	}
	// Bytes after the end of the packed data count as well.
	if _, err := io.Copy(io.Discard, source); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != want.sum {
		return fmt.Errorf("checksum validation failed: %w", &mismatchError{want, checksum{want.algorithm, got}})
	}
	return target.Close()
}

// unpack sees by its first bytes how a source is packed. finish says, when all
// has been read, whether unpacking went well.
func unpack(ctx context.Context, source io.Reader) (unpacked io.Reader, finish func() error, err error) {
	buffered := bufio.NewReaderSize(source, 64<<10)
	head, err := buffered.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("could not process image header: %w", err)
	}
	nothing := func() error { return nil }
	switch {
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}):
		zip, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, nil, fmt.Errorf("could not create gzip reader: %w", err)
		}
		return zip, zip.Close, nil
	case bytes.HasPrefix(head, []byte{0xFD, '7', 'z', 'X', 'Z', 0}):
		return filter(ctx, buffered, "xz", "--decompress", "--stdout")
	case bytes.HasPrefix(head, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		return filter(ctx, buffered, "zstd", "--decompress", "--stdout", "--quiet")
	}
	return buffered, nothing, nil
}

// filter unpacks with a program, for what Go's library does not know.
func filter(ctx context.Context, source io.Reader, name string, args ...string) (io.Reader, func() error, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var complaint bytes.Buffer
	cmd.Stdin, cmd.Stderr = source, &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, fmt.Errorf("could not create %s reader: %w", name, err)
	}
	return out, func() error {
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(complaint.String()))
		}
		return nil
	}, nil
}
