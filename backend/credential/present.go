package credential

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// strangeAccount says why a service account that is there already is no credential, "" when it is one.
func strangeAccount(present *corev1.ServiceAccount) string {
	if present.Labels[labelMinted] == "" {
		return "Service account " + present.Name + " in " + present.Namespace +
			" was not made for a guest cluster: it may have rights beyond its namespace. Choose another name."
	}
	return ""
}

// strangePart says why an object that is there already does not belong to an account, "" when it does.
func strangePart(present metav1.Object, what string, of *corev1.ServiceAccount) string {
	name := what + " " + present.GetName() + " in " + present.GetNamespace()
	for _, owner := range present.GetOwnerReferences() {
		if owner.UID == of.UID {
			return ""
		}
		if owner.Kind == rbacv1.ServiceAccountKind && owner.Name == of.Name {
			return name + " is left of a service account that was deleted, and goes with it. Try again in a moment."
		}
	}
	return name + " is there already and does not belong to service account " + of.Name + ". Delete it or choose another name."
}

// strangeBinding says why a binding that is there already is not the one that is wanted, "" when it is.
func strangeBinding(present, wanted *rbacv1.RoleBinding, of *corev1.ServiceAccount) string {
	if sentence := strangePart(present, "Role binding", of); sentence != "" {
		return sentence
	}
	if present.RoleRef != wanted.RoleRef || !slices.Equal(present.Subjects, wanted.Subjects) {
		return "Role binding " + present.Name + " in " + present.Namespace + " binds something else. Delete it, and ask again."
	}
	return ""
}

// strangeSecret says why a secret that is there already has no token of the account, "" when it has or will have.
func strangeSecret(present *corev1.Secret, of *corev1.ServiceAccount) string {
	if sentence := strangePart(present, "Secret", of); sentence != "" {
		return sentence
	}
	if present.Type != corev1.SecretTypeServiceAccountToken || present.Annotations[corev1.ServiceAccountNameKey] != of.Name {
		return "Secret " + present.Name + " in " + present.Namespace + " is no token of service account " + of.Name + ". Delete it, and ask again."
	}
	return ""
}
