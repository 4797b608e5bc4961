package importer

import (
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

// errTooLarge begins what is said of an image that does not fit: CDI's controller
// looks for these words.
var errTooLarge = errors.New("effective image size is larger than the reported available storage")

// copyAtMost copies a source that must not have more than so many bytes. A few
// packed bytes may unpack to more than this machine's disk holds.
func copyAtMost(target io.Writer, source io.Reader, most int64) error {
	n, err := io.Copy(target, io.LimitReader(source, most+1))
	if err == nil && n > most {
		return fmt.Errorf("%w: it has more than %d bytes", errTooLarge, most)
	}
	return err
}

// download writes a source's bytes, unpacked, to a file, and checks their sum.
// What unpacks to more than most bytes is refused.
func download(ctx context.Context, source io.Reader, file string, most int64, want checksum) error {
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
	unpacked, err := unpack(ctx, source)
	if err != nil {
		return err
	}
	err = copyAtMost(target, unpacked, most)
	if err := errors.Join(err, unpacked.Close()); err != nil {
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
