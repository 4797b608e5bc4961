package site

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// keyring is what all sites hang on together: the certificate that Rancher shows, and the token with which the hub comes
// through Rancher to its sites.
type keyring struct {
	rancher *rest.Config
	changed func()

	lock sync.Mutex
	held []fleetv1.Credential
}

// How often it is looked at, and how soon again where Rancher did not answer.
const (
	keyringRead  = time.Hour
	keyringAgain = time.Minute
)

// Start looks again and again, until the context ends.
func (k *keyring) Start(ctx context.Context) error {
	config := rest.CopyConfig(k.rancher)
	config.Timeout = keyringAgain
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("reach Rancher: %w", err)
	}
	for ctx.Err() == nil {
		held, err := lookAtRancher(ctx, client, k.rancher)
		k.keep(held, err == nil)
		again := keyringRead
		if err != nil {
			again = keyringAgain
		}
		pause(ctx, again)
	}
	return nil
}

// keep takes over what was found. What was not found stays as it was, unless everything could be looked at.
func (k *keyring) keep(found []fleetv1.Credential, whole bool) {
	k.lock.Lock()
	before := k.held
	for _, each := range before {
		if !whole && !slices.ContainsFunc(found, func(c fleetv1.Credential) bool { return c.Name == each.Name }) {
			found = append(found, each)
		}
	}
	slices.SortFunc(found, func(a, b fleetv1.Credential) int { return strings.Compare(a.Name, b.Name) })
	k.held = found
	news := !equality.Semantic.DeepEqual(before, found)
	k.lock.Unlock()
	if news && k.changed != nil {
		k.changed()
	}
}

func (k *keyring) credentials() []fleetv1.Credential {
	k.lock.Lock()
	defer k.lock.Unlock()
	return slices.Clone(k.held)
}

// lookAtRancher asks Rancher about the hub's own token and looks at the certificate that it shows meanwhile, also at one
// that is not trusted any more.
func lookAtRancher(ctx context.Context, client *http.Client, config *rest.Config) ([]fleetv1.Credential, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(config.Host, "/")+"/v3/tokens/"+url.PathEscape(tokenName(config)), nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	var doubted *tls.CertificateVerificationError
	if errors.As(err, &doubted) {
		return shown(doubted.UnverifiedCertificates), err
	}
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var held []fleetv1.Credential
	if response.TLS != nil {
		held = shown(response.TLS.PeerCertificates)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err != nil {
		return held, err
	}
	switch {
	case response.StatusCode == http.StatusOK:
		return appendIf(held, tokenOf(text)), nil
	case response.StatusCode >= http.StatusInternalServerError:
		return held, fmt.Errorf("ask Rancher about the own token: %s", response.Status)
	default:
		return held, nil // Rancher does not tell of it
	}
}

func shown(certificates []*x509.Certificate) []fleetv1.Credential {
	if len(certificates) == 0 {
		return nil
	}
	return []fleetv1.Credential{*credentialOf(hubCertificate, certificates[0])}
}

// tokenName is the name of the hub's own token, which stands before its secret.
func tokenName(config *rest.Config) string {
	token := config.BearerToken
	if text, err := os.ReadFile(config.BearerTokenFile); err == nil {
		token = strings.TrimSpace(string(text))
	}
	name, _, _ := strings.Cut(token, ":")
	return name
}

// tokenOf reads when a token of Rancher ends; nil when it never does.
func tokenOf(text []byte) *fleetv1.Credential {
	var read struct {
		Created   string `json:"created"`
		ExpiresAt string `json:"expiresAt"`
	}
	if json.Unmarshal(text, &read) != nil {
		return nil
	}
	ends, err := time.Parse(time.RFC3339, read.ExpiresAt)
	if err != nil {
		return nil
	}
	token := &fleetv1.Credential{Name: hubToken, ExpirationTime: metav1.NewTime(ends)}
	if begins, err := time.Parse(time.RFC3339, read.Created); err == nil {
		token.IssuedTime = &metav1.Time{Time: begins}
	}
	return token
}
