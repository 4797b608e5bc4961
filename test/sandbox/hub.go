package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/deploy"
)

// access is rancher.json: how a person or a test reaches the hub.
type access struct {
	URL      string `json:"url"`
	User     string `json:"user"`
	Password string `json:"password"`
	Token    string `json:"token"`
	CACert   string `json:"caCert"`
}

// hub starts the hub and opens the gate.
func (s *sandbox) hub(ctx context.Context, ready *gate) error {
	p, err := s.plane("hub")
	if err != nil {
		return err
	}
	if err := s.builds.need(ctx, "kubernetes"); err != nil {
		return err
	}
	if err := p.kubernetes(ctx); err != nil {
		return err
	}
	close(ready.begun)
	known, err := s.known()
	if err != nil {
		return err
	}
	if err := all(ctx,
		func(ctx context.Context) error {
			return p.start(ctx)(p.ControllerManager(controlplane.HubControllers...))
		},
		func(ctx context.Context) error { return s.fleet(ctx, p, known.Password) },
	); err != nil {
		return err
	}
	if ready.hub, err = s.login(ctx, known); err != nil {
		return fmt.Errorf("hub: %w", err)
	}
	s.lock.Lock()
	s.state.URL = known.URL + "/dashboard/"
	s.lock.Unlock()
	p.say("the page answers: %s  user %s  password %s", s.state.URL, known.User, known.Password)
	close(ready.open)
	return nil
}

// known is rancher.json of an earlier run, or the beginning of a new one.
func (s *sandbox) known() (access, error) {
	a := access{User: "admin"}
	data, err := os.ReadFile(s.rancherJSON())
	if err == nil {
		err = json.Unmarshal(data, &a)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return a, fmt.Errorf("access to the hub: %w", err)
	}
	a.URL = "https://" + controlplane.Address(s.state.Ports["hub"]["croft-fleet"])
	switch {
	case s.Password != "" && s.Password != a.Password:
		// Whether it fits shows the login, so nothing is written yet.
		a.Password, a.Token = s.Password, ""
		return a, nil
	case a.Password == "":
		a.Password = strings.ToLower(rand.Text()[:16])
	}
	return a, s.keep(a)
}

func (s *sandbox) rancherJSON() string { return filepath.Join(s.Dir, "rancher.json") }

func (s *sandbox) keep(a access) error {
	s.access = a
	return writeJSON(s.rancherJSON(), a)
}

// fleetNamespace is where croft-fleet's own objects are in the hub.
const fleetNamespace = "croft-system"

// fleet runs the chart croft-fleet as the hub without Rancher.
func (s *sandbox) fleet(ctx context.Context, p plane, password string) error {
	if err := s.builds.need(ctx, "croft", "driver", "page"); err != nil {
		return err
	}
	extension, err := s.extension()
	if err != nil {
		return err
	}
	const bootstrap = "croft-fleet-bootstrap"
	secret := deploy.Secret(fleetNamespace, bootstrap, "Opaque", map[string][]byte{"password": []byte(password)})
	address := controlplane.Address(p.Ports["croft-fleet"])
	return s.chart(ctx, p, "croft-fleet", fleetNamespace, map[string]any{
		"standalone": map[string]any{
			"enabled":         true,
			"listen":          address,
			"serverURL":       "https://" + address,
			"dashboardDir":    s.dashboard(),
			"extensionDir":    extension,
			"bootstrapSecret": bootstrap,
		},
		"driver": map[string]any{"dir": s.driver()},
	}, secret)
}

// login gets a token as the page does, unless the remembered one still works,
// and writes rancher.json.
func (s *sandbox) login(ctx context.Context, a access) (*api, error) {
	var authority struct {
		Value string `json:"value"`
	}
	open := newAPI(a.URL, "", nil)
	if err := eventually(ctx, "authority of the hub", func(ctx context.Context) error {
		return open.do(ctx, http.MethodGet, "/v3/settings/cacerts", nil, &authority)
	}); err != nil {
		return nil, err
	}
	a.CACert = authority.Value
	client := newAPI(a.URL, a.Token, []byte(a.CACert))
	if a.Token != "" && client.do(ctx, http.MethodGet, "/v3/users?me=true", nil, nil) == nil {
		return client, s.keep(a)
	}
	var granted struct {
		Token string `json:"token"`
	}
	login := map[string]any{
		"type": "localProvider", "username": a.User, "password": a.Password,
		"description": "croft-sandbox", "responseType": "json",
	}
	client.token = ""
	if err := client.do(ctx, http.MethodPost, "/v1-public/login", login, &granted); err != nil {
		return nil, fmt.Errorf("log in as %s: %w; the password is that of %s, unless it was changed: then give the new one by --password",
			a.User, err, s.rancherJSON())
	}
	a.Token = granted.Token
	client.token = granted.Token
	return client, s.keep(a)
}

// writeJSON replaces a file that only its owner may read.
func writeJSON(path string, value any) error {
	data, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.WriteFile(path+".new", append(data, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
