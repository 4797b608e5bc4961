package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// HeadBytes is how much of a file is read: enough for every header, and for gzip to give the beginning of one.
const HeadBytes = 64 << 10

// File is what a URL or an upload holds.
type File struct {
	// Size of the file in bytes, 0 when the server does not say.
	Size int64
	// VirtualSize of the disk inside in bytes, 0 when it cannot be known from the beginning of the file.
	VirtualSize int64
	// Format of the file, one of the Format words.
	Format string
	// Resumable says whether the source can be asked for the rest of a file that it has broken off; see Open.
	Resumable bool
}

// Probe asks the server for the beginning of the file. An error says what the server or the network answered, without
// the user name and password that a URL may hold.
func Probe(ctx context.Context, with *http.Client, from string) (File, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return File{}, fmt.Errorf("url is no URL: %w", bare(err))
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=0-%d", HeadBytes-1))
	// The bytes of the file are wanted, not a representation of them that the client would decode behind our back.
	request.Header.Set("Accept-Encoding", "identity")
	response, err := with.Do(request)
	if err != nil {
		return File{}, fmt.Errorf("%s does not answer: %w", request.URL.Host, bare(err))
	}
	defer response.Body.Close()
	length, err := lengthOf(response)
	if err != nil {
		return File{}, fmt.Errorf("%s %w", request.URL.Host, err)
	}
	head, err := io.ReadAll(io.LimitReader(response.Body, HeadBytes))
	if err != nil {
		return File{}, fmt.Errorf("%s breaks off: %w", request.URL.Host, bare(err))
	}
	if len(head) == 0 {
		return File{}, fmt.Errorf("%s sends an empty file", request.URL.Host)
	}
	file := Of(head, length)
	_, validator := known(response)
	file.Resumable = validator != ""
	return file, nil
}

// Of is what a file holds, by its first bytes. length is that of the whole file, or -1 when nobody knows it.
func Of(head []byte, length int64) File {
	format, virtual := disk(head, length)
	return File{Size: max(length, 0), VirtualSize: virtual, Format: format}
}

// lengthOf is the length of the whole file, -1 when the server does not say.
func lengthOf(response *http.Response) (int64, error) {
	switch response.StatusCode {
	case http.StatusOK: // a server that knows no ranges
		return response.ContentLength, nil
	case http.StatusPartialContent:
		_, total, _ := strings.Cut(response.Header.Get("Content-Range"), "/")
		if length, err := strconv.ParseInt(total, 10, 64); err == nil {
			return length, nil
		}
		return -1, nil
	default:
		return 0, fmt.Errorf("answers %q", response.Status)
	}
}

// bare is the cause without the URL, which may hold a password.
func bare(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
