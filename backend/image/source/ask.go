package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// asked is what a source has answered.
type asked struct {
	*http.Response
	answer
}

// status is an answer that is no part of the file.
type status struct {
	host, words string
	code        int
}

func (s status) Error() string { return fmt.Sprintf("%s answers %q", s.host, s.words) }

// ask asks for the file from a byte on, if it is still the one that the validator says.
func (s *Stream) ask(from int64, validator string) (*asked, error) {
	ctx, end := context.WithCancel(s.ctx)
	quiet := time.AfterFunc(silence, end)
	fail := func(err error) (*asked, error) {
		quiet.Stop()
		end()
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.from, http.NoBody)
	if err != nil {
		return fail(fmt.Errorf("url is no URL: %w", bare(err)))
	}
	request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	request.Header.Set("Accept-Encoding", "identity")
	if validator != "" {
		request.Header.Set("If-Range", validator)
	}
	response, err := s.with.Do(request)
	if err != nil {
		return fail(fmt.Errorf("%s does not answer: %w", request.URL.Host, bare(err)))
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusPartialContent {
		_ = response.Body.Close()
		return fail(status{host: request.URL.Host, words: response.Status, code: response.StatusCode})
	}
	return &asked{response, answer{body: response.Body, at: beginning(response), quiet: quiet, end: end}}, nil
}

// beginning is the first byte that an answer sends, -1 when it does not say.
func beginning(response *http.Response) int64 {
	if response.StatusCode == http.StatusOK {
		return 0
	}
	var first int64
	if n, err := fmt.Sscanf(response.Header.Get("Content-Range"), "bytes %d-", &first); n != 1 || err != nil {
		return -1
	}
	return first
}

// again says whether a source may answer better when it is asked once more.
func again(err error) bool {
	if errors.Is(err, errChanged) || errors.Is(err, errRefused) {
		return false
	}
	answered, ok := errors.AsType[status](err)
	return !ok || answered.code >= http.StatusInternalServerError || answered.code == http.StatusTooManyRequests ||
		answered.code == http.StatusRequestTimeout
}

func (a *answer) read(into []byte) (int, error) {
	n, err := a.body.Read(into)
	a.at += int64(n)
	if n > 0 {
		a.quiet.Reset(silence)
	}
	if n == 0 && err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (a *answer) close() {
	a.quiet.Stop()
	a.end()
	_ = a.body.Close()
}
