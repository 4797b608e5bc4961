package peer

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// Both hubs let the same administrator in.
const (
	adminName     = "admin"
	adminPassword = "a-password-of-tests-1"
)

// hub is a Rancher, the real one or ours, as its clients see it.
type hub struct {
	*plane
	url    string
	caCert string
	admin  *stage.Client
	// agent places what a site runs for this hub.
	agent func(site *plane) placing
}

// enter waits until the hub lets the administrator in.
func (h *hub) enter(ctx context.Context) error {
	if err := until(ctx, "authority of "+h.Name, func() error { return h.trust(ctx) }); err != nil {
		return err
	}
	nobody, err := stage.NewClient(h.url, "", h.caCert)
	if err != nil {
		return err
	}
	var granted struct{ Token string }
	login := map[string]any{"type": "localProvider", "username": adminName, "password": adminPassword, "responseType": "json"}
	// A token from the first moments of a Rancher may be good for one of its APIs and not for the other.
	if err := until(ctx, "log in to "+h.Name, func() error {
		err := ask(nobody, http.MethodPost, "/v3-public/localProviders/local?action=login", login, &granted)
		if err == nil {
			err = ask(nobody.As(granted.Token), http.MethodGet, "/v1/namespaces/"+workspace, nil, nil)
		}
		return err
	}); err != nil {
		return err
	}
	h.admin = nobody.As(granted.Token)
	return nil
}

// trust reads the hub's authority, as agents do, without knowing it yet.
func (h *hub) trust(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/v3/settings/cacerts", nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport, Timeout: 5 * time.Second}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var setting struct{ Value string }
	if err := json.NewDecoder(response.Body).Decode(&setting); err != nil {
		return fmt.Errorf("%s: %w", response.Status, err)
	}
	if setting.Value == "" {
		return errors.New("the setting cacerts is empty")
	}
	h.caCert = setting.Value
	return nil
}

// ask sends a request that has to succeed, and decodes its answer.
func ask(client *stage.Client, method, path string, body, into any) error {
	code, answer, err := client.Try(method, path, body)
	if err != nil {
		return err
	}
	if code >= 300 {
		return fmt.Errorf("%s %s: %d %s", method, path, code, answer)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s %s: %w in %s", method, path, err, answer)
	}
	return nil
}
