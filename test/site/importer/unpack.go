package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strings"
	"syscall"
)

// unpack sees by its first bytes how a source is packed. Close says, when all has
// been read, whether unpacking went well.
func unpack(ctx context.Context, source io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReaderSize(source, 64<<10)
	head, err := buffered.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("could not process image header: %w", err)
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}):
		zip, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, fmt.Errorf("could not create gzip reader: %w", err)
		}
		return zip, nil
	case bytes.HasPrefix(head, []byte{0xFD, '7', 'z', 'X', 'Z', 0}):
		return startFilter(ctx, buffered, "xz", "--decompress", "--stdout")
	case bytes.HasPrefix(head, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		return startFilter(ctx, buffered, "zstd", "--decompress", "--stdout", "--quiet")
	}
	return io.NopCloser(buffered), nil
}

// filter unpacks with a program, for what Go's library does not know.
type filter struct {
	command   *exec.Cmd
	out       io.Reader
	complaint bytes.Buffer
	cancel    context.CancelFunc
	// fed receives when the program has been given all that the source has.
	fed chan error
	// whole is true when all that the program wrote was read.
	whole bool
}

func startFilter(ctx context.Context, source io.Reader, name string, args ...string) (*filter, error) {
	ctx, cancel := context.WithCancel(ctx)
	f := &filter{command: exec.CommandContext(ctx, name, args...), cancel: cancel, fed: make(chan error, 1)}
	f.command.Stderr = &f.complaint
	if err := f.start(source); err != nil {
		cancel()
		return nil, fmt.Errorf("could not create %s reader: %w", name, err)
	}
	return f, nil
}

// start feeds the program by hand: the library would not let go of a program that
// is gone before its source, which may be silent, has given it something.
func (f *filter) start(source io.Reader) error {
	in, err := f.command.StdinPipe()
	if err != nil {
		return err
	}
	if f.out, err = f.command.StdoutPipe(); err != nil {
		return err
	}
	if err := f.command.Start(); err != nil {
		return err
	}
	go func() {
		_, err := io.Copy(in, source)
		if errors.Is(err, syscall.EPIPE) || errors.Is(err, fs.ErrClosed) {
			err = nil // the program wanted no more, and says itself why
		}
		_ = in.Close() // the program may be gone
		f.fed <- err
	}()
	return nil
}

// Read gives unpacked bytes.
func (f *filter) Read(p []byte) (int, error) {
	n, err := f.out.Read(p)
	f.whole = f.whole || errors.Is(err, io.EOF)
	return n, err
}

// Close waits for the program; one that was not read to its end is killed, and
// has nothing to say any more.
func (f *filter) Close() error {
	defer f.cancel()
	if !f.whole {
		f.cancel()
		_ = f.command.Wait() // killed
		return nil
	}
	err := f.command.Wait()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", f.command.Args[0], err, strings.TrimSpace(f.complaint.String()))
	}
	return errors.Join(<-f.fed, err)
}
