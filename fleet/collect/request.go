package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// statusError is an answer that is not the one that was asked for.
type statusError struct {
	code int
	text string
}

// Error is the code and what the site said.
func (e *statusError) Error() string {
	return fmt.Sprintf("the site answered %d: %s", e.code, e.text)
}

// errGone says that the resourceVersion is too old: the source is to be listed.
var errGone = errors.New("the resourceVersion is too old")

// errNotServed says that the site has no such resource.
var errNotServed = errors.New("the site serves no such resource")

// errLate says that the site did not begin to answer in time.
var errLate = errors.New("the site did not answer in time")

// get sends a request. The answer has to begin in time; after that the context alone ends it.
func (c *Collector) get(ctx context.Context, where string, query url.Values) (*http.Response, error) {
	target := *c.base
	target.Path = path.Join("/", c.base.Path, where)
	target.RawQuery = query.Encode()
	ctx, cancel := context.WithCancelCause(ctx)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	timer := time.AfterFunc(c.Budget.Answer, func() { cancel(errLate) })
	response, err := c.client.Do(request)
	timer.Stop()
	if err != nil {
		if cause := context.Cause(ctx); errors.Is(cause, errLate) {
			err = cause
		}
		cancel(nil)
		return nil, bare(err)
	}
	response.Body = &body{ReadCloser: response.Body, cancel: cancel}
	return response, nil
}

// bare takes the address off an error: it is the hub's business and stands in messages that users see.
func bare(err error) error {
	var failure *url.Error
	if errors.As(err, &failure) {
		return failure.Err
	}
	return err
}

// body ends the request's context when it is closed.
type body struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

// Close closes the answer.
func (b *body) Close() error {
	defer b.cancel(nil)
	return b.ReadCloser.Close()
}

// address is where a resource is served.
func address(resource schema.GroupVersionResource) string {
	if resource.Group == "" {
		return path.Join("/api", resource.Version, resource.Resource)
	}
	return path.Join("/apis", resource.Group, resource.Version, resource.Resource)
}

// refusal reads an answer that is no success.
func refusal(response *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if err != nil {
		return bare(err)
	}
	var status metav1.Status
	if json.Unmarshal(text, &status) == nil && status.Message != "" {
		text = []byte(status.Message)
	}
	failure := &statusError{code: response.StatusCode, text: string(bytes.TrimSpace(bytes.ToValidUTF8(text, nil)))}
	if response.StatusCode == http.StatusGone {
		return fmt.Errorf("%w: %w", errGone, failure)
	}
	return failure
}

// served asks whether the site's API has a group at all, so that a wrong answer in between is not taken for an empty
// site.
func (c *Collector) served(ctx context.Context, group string) (bool, error) {
	response, err := c.get(ctx, "/apis", nil)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return false, refusal(response)
	}
	var groups metav1.APIGroupList
	if err := json.NewDecoder(io.LimitReader(response.Body, 4<<20)).Decode(&groups); err != nil {
		return false, fmt.Errorf("read the site's API groups: %w", bare(err))
	}
	if groups.Kind != "APIGroupList" || len(groups.Groups) == 0 {
		return false, errors.New("the site's API groups are not what they should be")
	}
	for _, served := range groups.Groups {
		if served.Name == group {
			return true, nil
		}
	}
	return false, nil
}
