package collect

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// watched is one line of a watch.
type watched struct {
	Type   watch.EventType `json:"type"`
	Object json.RawMessage `json:"object"`
}

// errOverdue says that a site does not end a watch when it should. It may have forgotten it.
var errOverdue = errors.New("the site did not end it in time")

// watch follows the source from the cursor until the watch ends, and says why it did. That the site ended it after a
// while is no error. A site that does not is not waited for: a watch that has been forgotten looks just like one on which
// nothing happens.
func (f *follower) watch(ctx context.Context) error {
	ctx, release := f.c.line.hold(ctx)
	defer release()
	lasts := f.c.Budget.Watch + rand.N(f.c.Budget.Watch+1) //nolint:gosec // nothing secret
	ctx, cancel := context.WithTimeoutCause(ctx, lasts+f.c.Budget.Overtime, errOverdue)
	defer cancel()
	query := url.Values{
		"watch":               {"true"},
		"allowWatchBookmarks": {"true"},
		"resourceVersion":     {f.cursor.Version},
		"timeoutSeconds":      {strconv.Itoa(max(1, int(lasts.Seconds())))},
	}
	response, err := f.c.get(ctx, address(f.source.Resource), query)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refusal(response)
	}
	f.c.heard()
	f.live(true)
	defer f.live(false)
	return f.drain(ctx, response.Body)
}

// drain writes what the watch tells until it ends. Reading goes on in a goroutine of its own while changes wait to be
// written together; the channel holds nothing, so that one line waits at most, and a site that floods is slowed down by
// its own connection.
func (f *follower) drain(ctx context.Context, stream io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := make(chan heard)
	go func() {
		defer close(lines)
		readLines(ctx, stream, f.c.Budget.ObjectBytes, lines)
	}()
	return f.follow(ctx, lines)
}

// heard is one line of a watch, or why there is none.
type heard struct {
	text []byte
	err  error
}

// readLines takes a stream apart. A line beyond the bound is skipped to its end and told as errTooLarge.
func readLines(ctx context.Context, stream io.Reader, bound int, lines chan<- heard) {
	reader := bufio.NewReaderSize(stream, 4<<10)
	for {
		text, err := readLine(reader, bound)
		if len(text) == 0 && err == nil {
			continue
		}
		select {
		case lines <- heard{text, err}:
		case <-ctx.Done():
			return
		}
		if err != nil && !errors.Is(err, errTooLarge) {
			return
		}
	}
}

func readLine(reader *bufio.Reader, bound int) ([]byte, error) {
	var line []byte
	tooLarge := false
	for {
		part, err := reader.ReadSlice('\n')
		if len(line)+len(part) > bound {
			tooLarge, line = true, nil
		}
		if !tooLarge {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return nil, err
		case tooLarge:
			return nil, errTooLarge
		default:
			return line[:len(line)-1], nil
		}
	}
}

// take reads one line of the watch and adds what it says to the batch.
func (f *follower) take(ctx context.Context, text []byte) error {
	var told watched
	if err := json.Unmarshal(text, &told); err != nil {
		return fmt.Errorf("read a watch: %w", err)
	}
	f.c.heard()
	switch told.Type {
	case watch.Added, watch.Modified, watch.Deleted:
		f.c.Metrics.changed(f.c.ID, f.source.Name())
		return f.told(ctx, told)
	case watch.Bookmark:
		return f.bookmark(told.Object)
	case watch.Error:
		return failureOf(told.Object)
	default:
		return fmt.Errorf("read a watch: no event is called %q", told.Type)
	}
}

// bookmark notes how far the source has come without a change.
func (f *follower) bookmark(object []byte) error {
	header, err := headerOf(object)
	if err != nil {
		return err
	}
	if len(header.ResourceVersion) > longestVersion {
		return errors.New("read a bookmark: its resourceVersion is too long")
	}
	f.pendingVersion = header.ResourceVersion
	return nil
}

// failureOf reads the error that ends a watch.
func failureOf(object []byte) error {
	var status metav1.Status
	if err := json.Unmarshal(object, &status); err != nil {
		return fmt.Errorf("read the error of a watch: %w", err)
	}
	failure := &statusError{code: int(status.Code), text: status.Message}
	if status.Code == http.StatusGone || status.Reason == metav1.StatusReasonExpired {
		return fmt.Errorf("%w: %w", errGone, failure)
	}
	return failure
}
