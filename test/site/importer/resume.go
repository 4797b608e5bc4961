package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// How often a source that hangs up is asked for the rest, and how long is waited before: nbdkit's retry filter, through
// which CDI's importer reads what it need not sum up, does it so.
const (
	resumes     = 5
	resumePause = 200 * time.Millisecond
)

// resuming reads a source whose server knows ranges, and asks for the rest when it hangs up.
type resuming struct {
	ctx  context.Context
	body io.ReadCloser
	// again asks for the source from a byte on.
	again func(ctx context.Context, from int64) (io.ReadCloser, error)
	read  int64
	total int64
	tries int
}

// Read reads the next bytes, from wherever they come.
func (r *resuming) Read(p []byte) (int, error) {
	for {
		n, err := r.body.Read(p)
		r.read += int64(n)
		broken := err != nil && r.read < r.total && r.ctx.Err() == nil
		if n > 0 && broken {
			return n, nil // the next call finds out again
		}
		if !broken || r.tries >= resumes {
			return n, err
		}
		if err := r.resume(err); err != nil {
			return 0, err
		}
	}
}

func (r *resuming) resume(why error) error {
	r.tries++
	if err := pause(r.ctx, resumePause); err != nil {
		return err
	}
	body, err := r.again(r.ctx, r.read)
	if err != nil {
		return errors.Join(why, err)
	}
	_ = r.body.Close()
	r.body = body
	return nil
}

// Close closes what is being read.
func (r *resuming) Close() error { return r.body.Close() }

// resumable is a source that can be asked for its rest: its server says so, and how long it is. Bytes that are summed up
// are read in one go, as CDI reads them.
func resumable(ctx context.Context, with *http.Client, request *http.Request, response *http.Response, summed bool) io.ReadCloser {
	if summed || response.ContentLength <= 0 || response.Header.Get("Accept-Ranges") != "bytes" {
		return response.Body
	}
	return &resuming{ctx: ctx, body: response.Body, total: response.ContentLength, again: func(ctx context.Context, from int64) (io.ReadCloser, error) {
		rest := request.Clone(ctx)
		rest.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		answer, err := with.Do(rest)
		if err != nil {
			return nil, err
		}
		if answer.StatusCode != http.StatusPartialContent {
			answer.Body.Close()
			return nil, fmt.Errorf("expected status code 206, got %d. Status: %s", answer.StatusCode, answer.Status)
		}
		return answer.Body, nil
	}}
}
