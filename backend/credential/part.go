package credential

import (
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// labelMinted marks the service accounts that were made here. One of another purpose may have been given rights beyond
// its namespace: no kubeconfig is handed out for it.
const labelMinted = "crofthci.io/guest-credential"

// account is the service account of a credential. All other parts belong to it and go with it.
func account(input Input) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{
		Namespace: input.Namespace, Name: input.ServiceAccountName, Labels: map[string]string{labelMinted: "true"},
	}}
}

// tokenSecret is where the cluster writes the account's token, which never expires.
func tokenSecret(of *corev1.ServiceAccount) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: of.Namespace, Name: of.Name + "-token", OwnerReferences: belongsTo(of),
			Annotations: map[string]string{corev1.ServiceAccountNameKey: of.Name},
		},
		Type: corev1.SecretTypeServiceAccountToken,
	}
}

// bindings give the account its roles, in its namespace alone. The cloud provider's has Harvester's name for it. No service
// account has a colon in its name, so no other account's binding is called as the other two.
func bindings(of *corev1.ServiceAccount, input Input) []*rbacv1.RoleBinding {
	var made []*rbacv1.RoleBinding
	for _, role := range []struct{ name, suffix string }{
		{input.ClusterRoleName, ""}, {input.CSIClusterRoleName, ":csi-driver"}, {input.NodeDriverClusterRoleName, ":node-driver"},
	} {
		if role.name != "" {
			made = append(made, binding(of, of.Namespace+"-"+of.Name+role.suffix, role.name))
		}
	}
	return made
}

func binding(of *corev1.ServiceAccount, name, role string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: of.Namespace, Name: name, OwnerReferences: belongsTo(of)},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: of.Namespace, Name: of.Name}},
	}
}

func belongsTo(of *corev1.ServiceAccount) []metav1.OwnerReference {
	return []metav1.OwnerReference{{
		APIVersion: corev1.SchemeGroupVersion.String(), Kind: rbacv1.ServiceAccountKind, Name: of.Name, UID: of.UID,
	}}
}
