package guestcredential

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// What Rancher reads of the secret: for which cluster it may be used, and that it goes with that.
const (
	annotationCluster = "v2prov-secret-authorized-for-cluster"
	annotationDeletes = "v2prov-authorized-secret-deletes-on-cluster-removal"
	// credentialKey is the key under which Rancher looks for what it hands to the nodes.
	credentialKey = "credential"
)

// secretName is the name of a credential's secret, which begins as that of Rancher's own page.
func secretName(of *fleetv1.GuestCredential) string { return "harvesterconfig-" + of.Name }

// reference is the secret as a cluster's machineSelectorConfig names it. Rancher writes its content onto each node, where
// RKE2's charts look for it: /var/lib/rancher/rke2/etc/config-files/cloud-provider-config.
func reference(of *fleetv1.GuestCredential) string {
	return "secret://" + of.Namespace + ":" + secretName(of)
}

// secretOf is the secret of an access.
func secretOf(of *fleetv1.GuestCredential, wanted access, kubeconfig []byte) *corev1.Secret {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: of.Namespace, Name: wanted.secret},
		Type:       corev1.SecretTypeOpaque,
	}
	fill(secret, of, wanted, kubeconfig)
	return secret
}

// fill brings a secret up to date; what others have written beside it stays.
func fill(secret *corev1.Secret, of *fleetv1.GuestCredential, wanted access, kubeconfig []byte) {
	if secret.Annotations == nil {
		secret.Annotations = map[string]string{}
	}
	maps.Copy(secret.Annotations, wanted.annotations)
	secret.OwnerReferences = owner(of)
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	maps.Copy(secret.Data, wanted.data(kubeconfig))
}

// owner has what was made for a credential go with it.
func owner(of *fleetv1.GuestCredential) []metav1.OwnerReference {
	return []metav1.OwnerReference{{
		APIVersion: fleetv1.GroupVersion.String(), Kind: "GuestCredential", Name: of.Name, UID: of.UID,
	}}
}

// ours says whether something that is there was made for a credential, and for no other of its name.
func ours(object metav1.Object, of *fleetv1.GuestCredential) bool {
	for _, owner := range object.GetOwnerReferences() {
		if owner.Kind == "GuestCredential" && owner.UID == of.UID {
			return true
		}
	}
	return false
}
