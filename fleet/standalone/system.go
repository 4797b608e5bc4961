package standalone

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/certificate"
	"crofthci.io/croft/fleet/standalone/token"
)

const (
	// systemUser is the user of the fleet's own half of this program.
	systemUser = "u-croft-fleet"
	// systemSecret keeps his token over restarts.
	systemSecret = "croft-fleet-token"
	systemKey    = "token"
)

// systemToken reads the token of the fleet's own half, or mints one.
func (p *parts) systemToken(ctx context.Context) (string, error) {
	if _, err := p.users.EnsureSystem(ctx, systemUser, "Croft Fleet"); err != nil {
		return "", err
	}

	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: certificate.Namespace, Name: systemSecret}}

	err := p.live.Get(ctx, client.ObjectKeyFromObject(secret), secret)
	if err != nil && !apierrors.IsNotFound(err) {
		return "", fmt.Errorf("read the token of %s: %w", systemUser, err)
	}

	missing := apierrors.IsNotFound(err)
	if !missing {
		presented := string(secret.Data[systemKey])
		if _, err := p.tokens.Check(ctx, presented); err == nil {
			return presented, nil
		}
	}

	presented, _, err := p.tokens.Mint(ctx, token.Request{UserID: systemUser, Kind: "api", Description: "croft-fleet reads the sites"})
	if err != nil {
		return "", err
	}

	secret.Data = map[string][]byte{systemKey: []byte(presented)}
	if missing {
		err = p.live.Create(ctx, secret)
	} else {
		err = p.live.Update(ctx, secret)
	}

	if err != nil {
		return "", fmt.Errorf("keep the token of %s: %w", systemUser, err)
	}

	return presented, nil
}
