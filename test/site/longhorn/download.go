package longhorn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// download asks a server for a file as Longhorn does: how long it is by HEAD, and then for all of it in one go. A server that
// hangs up is not asked for the rest, whatever it says of ranges; that the bytes are too few is seen when they end.
func download(ctx context.Context, url string) (io.ReadCloser, int64, error) {
	head, err := ask(ctx, http.MethodHead, url)
	if err != nil {
		return nil, 0, err
	}
	if err := head.Body.Close(); err != nil {
		return nil, 0, err
	}
	response, err := ask(ctx, http.MethodGet, url)
	if err != nil {
		return nil, 0, err
	}
	return response.Body, head.ContentLength, nil
}

// ask asks a server without a proxy, and follows it wherever it says.
func ask(ctx context.Context, method, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	follow := func(request *http.Request, _ []*http.Request) error {
		request.Header.Del("Referer") // some networks that hand out files refuse who has come from elsewhere
		return nil
	}
	response, err := (&http.Client{CheckRedirect: follow}).Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("expected status code 200 from %s, got %s", url, response.Status), response.Body.Close())
	}
	return response, nil
}
