package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"crofthci.io/croft/fleet/decode"
)

// errTooLarge says that an answer is beyond the budget.
var errTooLarge = errors.New("the answer is larger than the site's budget")

// page asks for a page of a list and gives each object to visit as it is read.
func (f *follower) page(ctx context.Context, size int, token string, visit func([]byte) error) (listMeta, error) {
	query := url.Values{"limit": {strconv.Itoa(size)}}
	if token != "" {
		query.Set("continue", token)
	}
	ctx, cancel := context.WithTimeout(ctx, 4*f.c.Budget.Answer)
	defer cancel()
	response, err := f.c.get(ctx, address(f.source.Resource), query)
	if err != nil {
		return listMeta{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return listMeta{}, refusal(response)
	}
	f.c.heard()
	meta, err := readList(&bounded{reader: response.Body, left: f.c.Budget.PageBytes}, visit)
	if err != nil && !errors.Is(err, errTooLarge) {
		return listMeta{}, fmt.Errorf("read a list: %w", bare(err))
	}
	return meta, err
}

// longestToken is the longest token of a next page that is sent back.
const longestToken = 4096

// listMeta is what a list says of itself.
type listMeta struct {
	ResourceVersion string `json:"resourceVersion"`
	Continue        string `json:"continue"`
}

// readList reads a list object by object, so that one of them at a time is in memory.
func readList(reader io.Reader, visit func([]byte) error) (listMeta, error) {
	var meta listMeta
	if err := decode.List(reader, &meta, visit); err != nil {
		return meta, err
	}
	if meta.ResourceVersion == "" || len(meta.ResourceVersion) > longestVersion {
		return meta, errors.New("the answer is no list: it has no resourceVersion, or one that is too long")
	}
	if len(meta.Continue) > longestToken {
		return meta, errors.New("the token of the next page is too long")
	}
	return meta, nil
}

// bounded ends with errTooLarge after so many bytes.
type bounded struct {
	reader io.Reader
	left   int64
}

// Read reads within the bound.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.reader.Read(p)
	b.left -= int64(n)
	return n, err
}

// list reads the whole source, page by page, over the rows that are there, and at the end removes those that are gone.
func (f *follower) list(ctx context.Context) error {
	select {
	case f.c.lists <- struct{}{}:
		defer func() { <-f.c.lists }()
	case <-ctx.Done():
		return ctx.Err()
	}
	list, err := f.startList(ctx)
	if err != nil {
		return err
	}
	if err := f.accompany(ctx); err != nil {
		return err
	}
	defer f.leaveAll()
	if err := f.readAll(ctx, list); err != nil {
		return err
	}
	list.end()
	f.arrive()
	return nil
}

// readAll reads and writes all pages, with those of the companions.
func (f *follower) readAll(ctx context.Context, list *pager) error {
	for !list.over() {
		f.keepCompany(func(c companion) error { return c.keepAhead(ctx, f) })
		if err := list.next(ctx); err != nil {
			return err
		}
	}
	f.keepCompany(func(c companion) error { return c.finish(ctx) })
	if err := list.removeGone(ctx); err != nil {
		return err
	}
	return f.flush(ctx, list.version)
}
