package collect

import (
	"bufio"
	"context"
	"errors"
	"io"
)

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
