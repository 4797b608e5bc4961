package credential

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
)

// show answers with the kubeconfig of a credential that is there, after a look at whether its parts are its own.
func show(ctx context.Context, caller capability.Caller, call capability.Call, _ struct{}) (string, error) {
	input := Input{
		Namespace: call.Option("namespace"), ServiceAccountName: call.Option("serviceAccountName"),
		OutputFormat: call.Option("outputFormat"),
	}
	if err := checkNames(input); err != nil {
		return "", err
	}
	owner := account(input)
	if err := caller.Client.Get(ctx, client.ObjectKeyFromObject(owner), owner); err != nil {
		return "", err
	}
	if sentence := strangeAccount(owner); sentence != "" {
		return "", conflict(owner.Name, sentence)
	}
	if err := checkBindings(ctx, caller.Client, owner); err != nil {
		return "", err
	}
	secret := tokenSecret(owner)
	if err := caller.Client.Get(ctx, client.ObjectKeyFromObject(secret), secret); err != nil {
		return "", err
	}
	if sentence := strangeSecret(secret, owner); sentence != "" {
		return "", conflict(owner.Name, sentence)
	}
	if len(secret.Data[corev1.ServiceAccountTokenKey]) == 0 {
		return "", conflict(owner.Name, "The token of "+input.subject()+" is not written yet. Ask again in a moment.")
	}
	return answer(ctx, caller, secret, input.OutputFormat)
}

// checkBindings looks whether the account's roles are bound as they were minted. No credential needs all of them, but one of
// none opens nothing.
func checkBindings(ctx context.Context, caller client.Client, owner *corev1.ServiceAccount) error {
	all := Input{ClusterRoleName: cloudProviderRole, CSIClusterRoleName: csiDriverRole, NodeDriverClusterRoleName: nodeDriverRole}
	var missing error
	bound := false
	for _, wanted := range bindings(owner, all) {
		present := &rbacv1.RoleBinding{}
		err := caller.Get(ctx, client.ObjectKeyFromObject(wanted), present)
		if apierrors.IsNotFound(err) {
			missing = err
			continue
		}
		if err != nil {
			return err
		}
		if sentence := strangeBinding(present, wanted, owner); sentence != "" {
			return conflict(owner.Name, sentence)
		}
		bound = bound || wanted.RoleRef.Name != csiDriverRole
	}
	if !bound {
		return missing
	}
	return nil
}
