package guestcredential

import (
	"context"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// share lets a credential's creator read the secret of an access, if it is to be shared, or says why that may not be written:
// Rancher has only who may read a cloud credential's secret name it in a cluster. It tells him nothing that he could not have
// had the site mint for him by himself.
func (c *Controller) share(ctx context.Context, of *fleetv1.GuestCredential, wanted access) (string, error) {
	if !wanted.shared {
		return "", nil
	}
	meta := metav1.ObjectMeta{Namespace: of.Namespace, Name: wanted.secret, OwnerReferences: owner(of)}
	for _, object := range []client.Object{
		&rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{wanted.secret}, Verbs: []string{"get"},
		}}},
		&rbacv1.RoleBinding{
			ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: wanted.secret},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: of.Spec.Creator.Username}},
		},
	} {
		err := c.live.Get(ctx, client.ObjectKeyFromObject(object), object)
		switch {
		case apierrors.IsNotFound(err):
			err = c.client.Create(ctx, object)
		case err == nil && !ours(object, of):
			return "There is a role or a binding " + wanted.secret + " already that was not made for this credential. Delete it.", nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", nil
}
