package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/certificate"
)

const (
	namespace = "cattle-system"
	// aggregationSecret is where Steve servers look for the hub.
	aggregationSecret = "stv-aggregation" //nolint:gosec // a name, not a credential.
	maxAuthority      = 1 << 20
)

// hub is where to dial and how to trust it.
type hub struct {
	url, token string
	// authority is the hub's own, as PEM; none where the system's sign the hub.
	authority []byte
	tls       *tls.Config
}

// hub reads the credential and fetches the hub's authority.
func (a *agent) hub(ctx context.Context) (*hub, error) {
	secret := &corev1.Secret{}
	name := client.ObjectKey{Namespace: namespace, Name: a.Credential}

	if err := a.client.Get(ctx, name, secret); err != nil {
		return nil, fmt.Errorf("read the credential %s: %w", name, err)
	}

	found := &hub{url: a.Server, token: string(secret.Data["token"]), tls: &tls.Config{MinVersion: tls.VersionTLS12}}
	if found.url == "" {
		found.url = string(secret.Data["url"])
	}

	found.url = strings.TrimSuffix(found.url, "/")

	if found.url == "" || found.token == "" {
		return nil, fmt.Errorf("the credential %s has no url or no token", name)
	}

	if a.Checksum == "" {
		return found, nil
	}

	authority, err := fetchAuthority(ctx, found.url)
	if err != nil {
		return nil, err
	}

	if certificate.Checksum(authority) != a.Checksum {
		return nil, fmt.Errorf("the authority that %s shows is not the one in CATTLE_CA_CHECKSUM; apply the manifest again if the hub has a new one", found.url)
	}

	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("the authority that %s shows is not PEM", found.url)
	}

	found.authority, found.tls.RootCAs = authority, pool

	return found, nil
}

// fetchAuthority asks the hub for its authority without believing the answer:
// only the checksum says whether it is the right one.
func fetchAuthority(ctx context.Context, server string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, handshake)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/cacerts", nil)
	if err != nil {
		return nil, fmt.Errorf("address of the hub: %w", err)
	}

	transport := &http.Transport{
		Proxy:           http.ProxyFromEnvironment,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the checksum is the proof.
	}
	defer transport.CloseIdleConnections()

	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch the hub's authority: %w", err)
	}
	defer resp.Body.Close()

	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch the hub's authority from %s/cacerts: %s", server, resp.Status)
	}

	content, err := io.ReadAll(io.LimitReader(resp.Body, maxAuthority))
	if err != nil {
		return nil, fmt.Errorf("fetch the hub's authority: %w", err)
	}

	return content, nil
}

// publish leaves the Secret by which the site's backend finds the hub.
func (a *agent) publish(ctx context.Context, h *hub) error {
	want := map[string][]byte{
		"url":                []byte(h.url + "/v3/connect"),
		"token":              []byte("stv-cluster-" + h.token),
		"CATTLE_SERVER":      []byte(h.url),
		"CATTLE_TOKEN":       []byte(h.token),
		"CATTLE_CA_CHECKSUM": []byte(a.Checksum),
		"cacerts-valid":      []byte("false"),
	}
	// An absent ca.crt means the system's authorities; an empty one would mean
	// that nobody checks (see steve's aggregation).
	if len(h.authority) > 0 {
		want["ca.crt"] = h.authority
	} else {
		want["cacerts-valid"] = []byte("true")
	}

	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: aggregationSecret}}

	err := a.client.Get(ctx, client.ObjectKeyFromObject(secret), secret)
	if apierrors.IsNotFound(err) {
		secret.Data = want
		err = a.client.Create(ctx, secret)

		return wrap(err)
	}

	if err != nil || equality.Semantic.DeepEqual(secret.Data, want) {
		return wrap(err)
	}

	secret.Data = want

	return wrap(a.client.Update(ctx, secret))
}

func wrap(err error) error {
	if err == nil {
		return nil
	}

	return fmt.Errorf("publish the hub in secret %s/%s: %w", namespace, aggregationSecret, err)
}

// Validate tells what is missing to start, or nothing.
func (o Options) Validate() error {
	if o.Credential == "" {
		return errors.New("--credential (CATTLE_CREDENTIAL_NAME) is missing: the name of the secret in cattle-system with url and token")
	}

	return nil
}
