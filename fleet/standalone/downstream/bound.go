package downstream

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"k8s.io/client-go/rest"
)

// mostAnswer is the most that one answer of a cluster to the hub itself may hold.
const mostAnswer = 16 << 20

// errTooLong ends an answer that is too long.
var errTooLong = fmt.Errorf("the cluster answers more than %d MiB at once", mostAnswer>>20)

// bounded is a configuration whose answers end after mostAnswer.
func bounded(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.Wrap(func(inner http.RoundTripper) http.RoundTripper { return &boundedTransport{inner} })

	return config
}

type boundedTransport struct{ inner http.RoundTripper }

// RoundTrip bounds the answer's body.
func (t *boundedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.inner.RoundTrip(req)
	if err != nil {
		return nil, err
	}

	resp.Body = &boundedBody{ReadCloser: resp.Body, left: mostAnswer}

	return resp, nil
}

// WrappedRoundTripper is for those who look for the connections inside.
func (t *boundedTransport) WrappedRoundTripper() http.RoundTripper { return t.inner }

type boundedBody struct {
	io.ReadCloser
	left int
}

// Read reads what may be read, and then tells that there is more.
func (b *boundedBody) Read(into []byte) (int, error) {
	if len(into) > b.left+1 {
		into = into[:b.left+1]
	}

	n, err := b.ReadCloser.Read(into)
	b.left -= n

	if b.left < 0 {
		return n, errors.Join(errTooLong, b.Close())
	}

	return n, err
}
