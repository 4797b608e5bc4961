package deploy

import (
	"context"
	"fmt"
	"os"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
)

// Lifetime is how long a service account's token is asked to live. It is long,
// because a site's agent hands its token to the hub once, and a sandbox may stay
// up for days.
const Lifetime = 30 * 24 * time.Hour

// Token asks the cluster for a token of a service account, writes it to a file
// and returns when it ends. The account may still be on its way.
func (c *Cluster) Token(ctx context.Context, account metav1.ObjectMeta, file string) (time.Time, error) {
	request := &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To(int64(Lifetime.Seconds()))},
	}
	var granted *authenticationv1.TokenRequest
	var last error
	err := wait.PollUntilContextTimeout(ctx, retry, patience, true, func(ctx context.Context) (bool, error) {
		granted, last = c.Core.CoreV1().ServiceAccounts(account.Namespace).
			CreateToken(ctx, account.Name, request, metav1.CreateOptions{})
		return last == nil || !apierrors.IsNotFound(last), nil
	})
	if last != nil {
		err = last
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("token of service account %s/%s: %w", account.Namespace, account.Name, err)
	}
	if err := replace(file, []byte(granted.Status.Token)); err != nil {
		return time.Time{}, fmt.Errorf("token of service account %s/%s: %w", account.Namespace, account.Name, err)
	}
	return granted.Status.ExpirationTimestamp.Time, nil
}

// replace writes a file in one step, because a running program reads it again.
func replace(file string, data []byte) error {
	if err := os.WriteFile(file+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
