package upload

import (
	"bufio"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"crofthci.io/croft/backend/capability"
)

// exact reads a file that must have a size, and perhaps a sum. The last bytes are given out only once it is sure that
// nothing follows them and that the sum is right: whoever reads can never take a wrong file for the whole.
type exact struct {
	source *bufio.Reader
	size   int64
	read   atomic.Int64

	sum  hash.Hash
	want string

	// wrong is why the file is not the one that was promised. It is asked for while a connection may still read.
	wrong atomic.Pointer[error]
}

// newExact reads size bytes. checksum is their SHA-512 in hexadecimal; empty means that it is not checked.
func newExact(source *bufio.Reader, size int64, checksum string) *exact {
	e := &exact{source: source, size: size, want: strings.ToLower(checksum)}
	if checksum != "" {
		e.sum = sha512.New()
	}
	return e
}

// Read reads the next bytes.
func (e *exact) Read(p []byte) (int, error) {
	left := e.size - e.read.Load()
	if err := e.problem(); err != nil {
		return 0, err
	}
	if left == 0 {
		return 0, io.EOF
	}
	n, err := e.source.Read(p[:min(int64(len(p)), left)])
	if e.sum != nil {
		_, _ = e.sum.Write(p[:n]) // a hash takes everything
	}
	if left -= int64(n); left == 0 {
		err = e.end()
	}
	if err != nil {
		err = e.broken(err, left)
		e.wrong.Store(&err)
		return 0, err
	}
	e.read.Add(int64(n))
	return n, nil
}

// problem is why the file is not the one that was promised, nil as long as it may be.
func (e *exact) problem() error {
	if wrong := e.wrong.Load(); wrong != nil {
		return *wrong
	}
	return nil
}

// end looks whether the file ends where it should, and is the right one.
func (e *exact) end() error {
	if _, err := e.source.Peek(1); err == nil {
		return capability.Refuse(option, "The file has more than the %d bytes that size says.", e.size)
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	if e.sum == nil {
		return nil
	}
	if got := hex.EncodeToString(e.sum.Sum(nil)); got != e.want {
		return capability.Refuse(field, "The file's SHA-512 is %s, and the image's checksum is %s.", got, e.want)
	}
	return nil
}

// broken says how the file broke off.
func (e *exact) broken(err error, left int64) error {
	if _, known := errors.AsType[*capability.InputError](err); known {
		return err
	}
	if errors.Is(err, io.EOF) {
		return capability.Refuse(option, "The file has %d bytes, and size says %d.", e.size-left, e.size)
	}
	return broke(e.size-left, e.size, err)
}

// broke is the answer to a client that stopped sending.
func broke(sent, size int64, why error) error {
	return apierrors.NewBadRequest(fmt.Sprintf("the upload broke off after %d of %d bytes: %s", sent, size, why))
}
