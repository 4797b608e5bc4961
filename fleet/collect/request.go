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
	"slices"
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

// IsRefused says whether an error is a site's answer that it has no such thing, or not for the hub.
func IsRefused(err error) bool {
	var answer *statusError
	return errors.As(err, &answer) && (answer.code == http.StatusNotFound || answer.code == http.StatusForbidden)
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

// served asks whether the site's API has a resource at all, so that a wrong answer in between is not taken for an empty
// site. A site may have the group without the resource: kinds have come to Harvester one after the other.
func (c *Collector) served(ctx context.Context, resource schema.GroupVersionResource) (bool, error) {
	var groups metav1.APIGroupList
	if _, err := c.discover(ctx, "/apis", &groups); err != nil {
		return false, fmt.Errorf("read the site's API groups: %w", err)
	}
	if groups.Kind != "APIGroupList" || len(groups.Groups) == 0 {
		return false, errors.New("the site's API groups are not what they should be")
	}
	if !slices.ContainsFunc(groups.Groups, func(group metav1.APIGroup) bool { return group.Name == resource.Group }) {
		return false, nil
	}
	var resources metav1.APIResourceList
	found, err := c.discover(ctx, path.Join("/apis", resource.Group, resource.Version), &resources)
	if err != nil || !found {
		return false, err
	}
	if resources.Kind != "APIResourceList" {
		return false, fmt.Errorf("the resources of %s are not what they should be", resource.GroupVersion())
	}
	return slices.ContainsFunc(resources.APIResources, func(each metav1.APIResource) bool { return each.Name == resource.Resource }), nil
}

// discover reads what the site's API says of itself, if there is such an address.
func (c *Collector) discover(ctx context.Context, where string, into any) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*c.Budget.Answer)
	defer cancel()
	response, err := c.get(ctx, where, nil)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return false, nil
	default:
		return false, refusal(response)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, 4<<20)).Decode(into); err != nil {
		return false, bare(err)
	}
	return true, nil
}
