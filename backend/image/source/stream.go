package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// How a source that breaks off is asked for the rest.
const (
	// breaks is how often in a row it may break off without sending anything between.
	breaks = 20
	// silence is how long it may send nothing before that counts as one.
	silence = 30 * time.Second
)

// errChanged is why the rest of a file is not put behind its beginning.
var errChanged = errors.New("does not send the rest of the same file")

// Stream is a file at its source, read to the end however often the source breaks off: what is missing is asked for by a
// range (RFC 9110, section 14), on the condition that the file is still the same one. It is an io.ReadSeeker, of which a
// Seek costs nothing until the next Read. It holds no bytes of the file, and is for one goroutine.
type Stream struct {
	// Pause is how long to wait before the source is asked again, after so many breaks in a row. Default: one second, and
	// twice as long for each further one, up to a minute.
	Pause func(broken int) time.Duration

	ctx  context.Context
	with *http.Client
	from string

	length    int64
	validator string
	at        int64 // where the next Read reads
	answer    *answer
}

// answer is one answer of the source, and where it has come to.
type answer struct {
	body io.ReadCloser
	at   int64
	// quiet ends the answer when it has not been told for long that something was read.
	quiet *time.Timer
	end   context.CancelFunc
}

// Open asks for a file whose source can be asked for the rest of it: one that says how long it is, knows ranges, and by what
// the file is known again. For any other the error is errors.ErrUnsupported. The stream ends with the context.
func Open(ctx context.Context, with *http.Client, from string) (*Stream, error) {
	patient := *with
	patient.Timeout = 0 // which would hold for the whole of the file
	s := &Stream{Pause: doubling, ctx: ctx, with: &patient, from: from}
	response, err := s.ask(0, "")
	if err != nil {
		return nil, err
	}
	if s.length, s.validator = known(response.Response); s.validator == "" {
		response.close()
		return nil, fmt.Errorf("%s does not know ranges: %w", response.Request.URL.Host, errors.ErrUnsupported)
	}
	s.answer = &response.answer
	return s, nil
}

// Length is that of the whole file in bytes.
func (s *Stream) Length() int64 { return s.length }

// Seek says where the next Read reads.
func (s *Stream) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.length
	}
	if offset < 0 {
		return 0, errors.New("before the beginning of the file")
	}
	s.at = offset
	return offset, nil
}

// Read reads on, and asks for the rest as often as it must.
func (s *Stream) Read(into []byte) (int, error) {
	var last error
	for broken := 0; s.at < s.length; broken++ {
		if broken > breaks {
			return 0, fmt.Errorf("the source breaks off at byte %d of %d: %w", s.at, s.length, last)
		}
		if err := s.wait(broken); err != nil {
			return 0, err
		}
		if last = s.goOn(); last != nil {
			if !again(last) {
				return 0, last
			}
			continue
		}
		n, err := s.answer.read(into[:min(int64(len(into)), s.length-s.at)])
		s.at += int64(n)
		if n > 0 || len(into) == 0 {
			return n, nil
		}
		last = err
		_ = s.Close()
	}
	return 0, io.EOF
}

// Close ends what is being read.
func (s *Stream) Close() error {
	if s.answer != nil {
		s.answer.close()
		s.answer = nil
	}
	return nil
}

// goOn has an answer from where the next Read reads.
func (s *Stream) goOn() error {
	if s.answer != nil && s.answer.at == s.at {
		return nil
	}
	_ = s.Close()
	response, err := s.ask(s.at, s.validator)
	if err != nil {
		return err
	}
	if length, validator := known(response.Response); response.at != s.at || length != s.length || validator != s.validator {
		response.close()
		return fmt.Errorf("%s %w", response.Request.URL.Host, errChanged)
	}
	s.answer = &response.answer
	return nil
}

// wait leaves a source in peace that has just broken off.
func (s *Stream) wait(broken int) error {
	if broken == 0 {
		return nil
	}
	timer := time.NewTimer(s.Pause(broken))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

func doubling(broken int) time.Duration {
	const first, longest = time.Second, time.Minute
	return min(first<<(broken-1), longest)
}

// known is how long the file of an answer is and by what it is known again: a strong tag, or when it was changed last.
// Without a range in the answer there is nothing to know it by.
func known(response *http.Response) (length int64, validator string) {
	length, err := lengthOf(response)
	if err != nil || length <= 0 || response.StatusCode != http.StatusPartialContent {
		return length, ""
	}
	if tag := response.Header.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return length, tag
	}
	return length, response.Header.Get("Last-Modified")
}
