package bulkoperation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/index"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// How long a site may take to show an object and to do an action: its own bound for a deed is a minute.
const (
	lookTime = 15 * time.Second
	deedTime = 75 * time.Second
)

// biggest is the most bytes of an answer that are read.
const biggest = 8 << 20

// door is the way to the sites, through Rancher, as somebody.
type door struct {
	client *http.Client
	base   string
}

// open makes the way for the creator of an operation. Rancher lets the hub's token act as him, and from there on his own
// rights count, in the hub and at the site.
func open(rancher *rest.Config, who fleetv1.BulkCreator) (door, error) {
	config := rest.CopyConfig(rancher)
	config.Impersonate = rest.ImpersonationConfig{UserName: who.Username, Groups: who.Groups, Extra: map[string][]string{}}
	for key, values := range who.Extra {
		config.Impersonate.Extra[key] = values
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return door{}, fmt.Errorf("the way to the sites as %s: %w", who.Username, err)
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return door{client: client, base: strings.TrimSuffix(rancher.Host, "/")}, nil
}

// object is an object as its site shows it.
type object struct {
	Metadata struct {
		UID             string `json:"uid"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	// Actions are what the site offers to this person now, by name.
	Actions map[string]string `json:"actions"`
	// Unavailable are its reasons for what it does not. A Harvester gives none.
	Unavailable map[string]string `json:"unavailable"`
}

func (o object) uid() string     { return o.Metadata.UID }
func (o object) version() string { return o.Metadata.ResourceVersion }

func (o object) offers(action string) bool {
	_, ok := o.Actions[action]
	return ok
}

// because is why a site does not offer an action.
func (o object) because(action string) string {
	if sentence := o.Unavailable[action]; sentence != "" {
		return sentence
	}
	return "The site does not offer " + action + " for this object now, or not to you."
}

// siteError is an answer of a site that is none of success, or none at all.
type siteError struct {
	// status is the HTTP status, 0 when there was no answer.
	status  int
	message string
}

// Error is the site's own sentence where there is one.
func (e *siteError) Error() string { return e.message }

// unreachable says whether an error leaves open what became of a request.
func unreachable(err error) bool {
	var known *siteError
	return !errors.As(err, &known) || known.status == 0 || known.status >= http.StatusInternalServerError ||
		known.status == http.StatusRequestTimeout
}

// look reads an object at its site.
func (d door) look(ctx context.Context, t *index.Type, key index.Key) (object, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	var seen object
	body, err := d.send(ctx, http.MethodGet, address(t, key), nil)
	if err != nil {
		return seen, err
	}
	if err := json.Unmarshal(body, &seen); err != nil || seen.uid() == "" {
		return seen, &siteError{message: "The site showed something that is no object."}
	}
	return seen, nil
}

// act has the site do an action.
func (d door) act(ctx context.Context, t *index.Type, key index.Key, action string, input []byte) error {
	ctx, cancel := context.WithTimeout(ctx, deedTime)
	defer cancel()
	if len(input) == 0 {
		input = []byte("{}")
	}
	_, err := d.send(ctx, http.MethodPost, address(t, key)+"?action="+url.QueryEscape(action), input)
	return err
}

// address is where an object is behind Rancher.
func address(t *index.Type, key index.Key) string {
	right := t.Right()
	steve := right.Resource
	if right.Group != "" {
		steve = right.Group + "." + steve
	}
	parts := []string{"/k8s/clusters", url.PathEscape(key.Site), "v1/harvester", steve}
	if key.Namespace != "" {
		parts = append(parts, url.PathEscape(key.Namespace))
	}
	return strings.Join(append(parts, url.PathEscape(key.Name)), "/")
}

func (d door) send(ctx context.Context, method, where string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, d.base+where, bytes.NewReader(body))
	if err != nil {
		return nil, &siteError{status: http.StatusBadRequest, message: "There can be no such object: " + err.Error()}
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	response, err := d.client.Do(request)
	if err != nil {
		return nil, &siteError{message: "The site did not answer: " + bare(err) + "."}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, biggest))
	if response.StatusCode/100 != 2 {
		return nil, &siteError{status: response.StatusCode, message: sentence(response.StatusCode, answer)}
	}
	if err != nil && method == http.MethodGet {
		return nil, &siteError{message: "The site's answer broke off."}
	}
	return answer, nil
}

// sentence is what a refusal says, in Steve's form and in Kubernetes'.
func sentence(status int, answer []byte) string {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(answer, &said) == nil && said.Message != "" {
		return said.Message
	}
	return fmt.Sprintf("The site answered %d %s.", status, http.StatusText(status))
}

// bare takes the address off an error: it is the hub's business.
func bare(err error) string {
	var failure *url.Error
	if !errors.As(err, &failure) {
		return err.Error()
	}
	if failure.Timeout() {
		return "it took too long"
	}
	return failure.Err.Error()
}
