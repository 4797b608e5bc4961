package guestcredential

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// patience is how long a site may take: it waits up to 20 seconds for its cluster to write a token.
const patience = 45 * time.Second

// biggest is the most bytes of an answer that are read.
const biggest = 1 << 20

// door is the way to a site, through Rancher.
type door struct {
	client *http.Client
	base   string
}

// openAs makes the way as a person. Rancher lets the hub's token act as him, and from there on his own rights count, in the
// hub and at the site.
func openAs(rancher *rest.Config, site string, who fleetv1.BulkCreator) (door, error) {
	config := rest.CopyConfig(rancher)
	config.Impersonate = rest.ImpersonationConfig{UserName: who.Username, Groups: who.Groups, Extra: map[string][]string{}}
	for key, values := range who.Extra {
		config.Impersonate.Extra[key] = values
	}
	return open(config, site)
}

// open makes the way as the hub itself.
func open(rancher *rest.Config, site string) (door, error) {
	config := rest.CopyConfig(rancher)
	config.Timeout = patience
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return door{}, fmt.Errorf("the way to site %s: %w", site, err)
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return door{client: client, base: strings.TrimSuffix(rancher.Host, "/") + "/k8s/clusters/" + url.PathEscape(site)}, nil
}

// refused is an answer of a site that is no success.
type refused struct {
	status  int
	message string
}

// Error is the site's own sentence.
func (r *refused) Error() string { return r.message }

// again says whether the same question may be answered otherwise later, without a person.
func (r *refused) again() bool {
	return r.status >= http.StatusInternalServerError || r.status == http.StatusRequestTimeout || r.status == http.StatusTooManyRequests
}

// mint has the site mint the access of a service account, or show the one that it has minted before.
func (d door) mint(ctx context.Context, namespace string, wanted access) ([]byte, error) {
	order := map[string]string{"namespace": namespace, "serviceAccountName": wanted.account}
	maps.Copy(order, wanted.roles)
	body, err := json.Marshal(order)
	if err != nil {
		return nil, err
	}
	answer, err := d.send(ctx, http.MethodPost, "/v1/harvester/kubeconfig", body)
	if err != nil {
		return nil, err
	}
	var text string
	if err := json.Unmarshal(answer, &text); err != nil {
		return answer, nil // an older Harvester answers with the text itself
	}
	return []byte(text), nil
}

// uid is the UID of a service account.
func (d door) uid(ctx context.Context, namespace, account string) (string, error) {
	answer, err := d.send(ctx, http.MethodGet, accountPath(namespace, account), nil)
	if err != nil {
		return "", err
	}
	var read struct {
		metav1.ObjectMeta `json:"metadata"`
	}
	if err := json.Unmarshal(answer, &read); err != nil {
		return "", fmt.Errorf("read service account %s: %w", account, err)
	}
	return string(read.UID), nil
}

// remove deletes a service account, and no other of its name. What belongs to it goes with it.
func (d door) remove(ctx context.Context, namespace, account, uid string) error {
	exact := types.UID(uid)
	body, err := json.Marshal(metav1.DeleteOptions{
		TypeMeta:      metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"},
		Preconditions: &metav1.Preconditions{UID: &exact},
	})
	if err != nil {
		return err
	}
	_, err = d.send(ctx, http.MethodDelete, accountPath(namespace, account), body)
	return err
}

func accountPath(namespace, account string) string {
	return "/api/v1/namespaces/" + url.PathEscape(namespace) + "/serviceaccounts/" + url.PathEscape(account)
}

func (d door) send(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, d.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	response, err := d.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, biggest))
	if response.StatusCode/100 != 2 {
		return nil, &refused{status: response.StatusCode, message: sentence(response.StatusCode, answer)}
	}
	return answer, err
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
