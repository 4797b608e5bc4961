package downstream

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestBoundedBody(t *testing.T) {
	cases := map[string]struct {
		reason string
		length int
		want   error
	}{
		"Short": {"an answer as it should be", mostAnswer - 1, nil},
		"Full":  {"just as much as may be", mostAnswer, nil},
		"Long":  {"a cluster must not fill the hub's memory", mostAnswer + 1, errTooLong},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			body := &boundedBody{ReadCloser: io.NopCloser(strings.NewReader(strings.Repeat("x", tc.length))), left: mostAnswer}

			_, err := io.Copy(io.Discard, body)
			if !errors.Is(err, tc.want) {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, err)
			}
		})
	}
}
