package credential

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
)

// mint makes a credential, or takes the one that is there, and answers with its kubeconfig.
func mint(ctx context.Context, caller capability.Caller, _ capability.Call, input Input) (string, error) {
	for _, check := range []func(Input) error{checkRoles, checkNames} {
		if err := check(input); err != nil {
			return "", err
		}
	}
	if err := rehearse(ctx, caller.Client, input); err != nil {
		return "", err
	}
	owner := account(input)
	if err := ensure(ctx, caller.Client, owner, strangeAccount); err != nil {
		return "", err
	}
	for _, wanted := range bindings(owner, input) {
		strange := func(present *rbacv1.RoleBinding) string { return strangeBinding(present, wanted, owner) }
		if err := ensure(ctx, caller.Client, wanted.DeepCopy(), strange); err != nil {
			return "", err
		}
	}
	secret := tokenSecret(owner)
	strange := func(present *corev1.Secret) string { return strangeSecret(present, owner) }
	if err := ensure(ctx, caller.Client, secret, strange); err != nil {
		return "", err
	}
	if err := awaitToken(ctx, caller.Client, secret); err != nil {
		return "", err
	}
	return answer(ctx, caller, secret, input.OutputFormat)
}

// rehearse has the API server judge everything that the caller is about to do, and keeps nothing of it: a caller who may
// make a service account but not bind its roles is refused before anything is there.
func rehearse(ctx context.Context, caller client.Client, input Input) error {
	owner := account(input)
	owner.UID = "rehearsed"
	parts := []client.Object{account(input), tokenSecret(owner)}
	for _, binding := range bindings(owner, input) {
		parts = append(parts, binding)
	}
	for _, part := range parts {
		err := caller.Create(ctx, part, client.DryRunAll)
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return err
		}
	}
	return client.IgnoreNotFound(caller.Get(ctx, client.ObjectKeyFromObject(parts[1]), &corev1.Secret{}))
}

// ensure makes an object, or reads the one that is there. strange says in a sentence why that is not the one wanted.
func ensure[T client.Object](ctx context.Context, caller client.Client, wanted T, strange func(present T) string) error {
	err := caller.Create(ctx, wanted)
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err := caller.Get(ctx, client.ObjectKeyFromObject(wanted), wanted); err != nil {
		return err
	}
	if sentence := strange(wanted); sentence != "" {
		return conflict(wanted.GetName(), sentence)
	}
	return nil
}

func conflict(name, sentence string) error {
	refusal := apierrors.NewConflict(schema.GroupResource{Resource: "serviceaccounts"}, name, errors.New("taken"))
	refusal.ErrStatus.Message = sentence
	return refusal
}

// How long the cluster may take to write a token, and how often it is looked for.
const (
	tokenPatience = 20 * time.Second
	tokenPause    = 100 * time.Millisecond
)

// awaitToken waits until the cluster has written the token into its secret, and leaves the secret as it was then.
func awaitToken(ctx context.Context, caller client.Client, secret *corev1.Secret) error {
	key := client.ObjectKeyFromObject(secret)
	err := wait.PollUntilContextTimeout(ctx, tokenPause, tokenPatience, true, func(ctx context.Context) (bool, error) {
		if len(secret.Data[corev1.ServiceAccountTokenKey]) > 0 {
			return true, nil
		}
		return false, caller.Get(ctx, key, secret)
	})
	if wait.Interrupted(err) {
		return apierrors.NewTimeoutError(fmt.Sprintf("The cluster has not written a token into secret %s yet. Ask again: what was made stays.", key), 0)
	}
	return err
}
