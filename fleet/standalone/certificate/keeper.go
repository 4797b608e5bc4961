package certificate

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"sync/atomic"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Keeper presents the serving certificate, and another before it ends.
type Keeper struct {
	// AuthorityPEM is what clients trust; it stays while the process runs.
	AuthorityPEM []byte

	client  client.Client
	names   []string
	now     func() time.Time
	serving atomic.Pointer[tls.Certificate]
}

// Keep makes a keeper of the certificate for those names.
func Keep(ctx context.Context, c client.Client, names []string, now func() time.Time) (*Keeper, error) {
	pair, err := Ensure(ctx, c, names, now())
	if err != nil {
		return nil, err
	}

	made := &Keeper{AuthorityPEM: pair.AuthorityPEM, client: c, names: names, now: now}
	made.serving.Store(&pair.Serving)

	return made, nil
}

// Certificate is for tls.Config.GetCertificate.
func (k *Keeper) Certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return k.serving.Load(), nil
}

// Renew looks at the Secrets again, replaces a serving certificate that ends soon,
// and presents what somebody else put there.
func (k *Keeper) Renew(ctx context.Context) error {
	pair, err := Ensure(ctx, k.client, k.names, k.now())
	if err != nil {
		return err
	}

	if !bytes.Equal(pair.AuthorityPEM, k.AuthorityPEM) {
		return errors.New("the hub's authority was replaced: start the hub again, and apply each site's manifest again")
	}

	k.serving.Store(&pair.Serving)

	return nil
}
