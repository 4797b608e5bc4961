package guestcredential

import (
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// access is one of the accesses that a site mints for a guest cluster: a service account with its roles, and the secret that
// keeps its kubeconfig in the hub.
type access struct {
	// account is the name of the service account, and roles are what it is minted with, by the site's name for each.
	account string
	roles   map[string]string
	// uid is where the status keeps the account's UID, and kept where it says which secret there is.
	uid, kept *string
	// secret is the name of the secret, annotations are those that Rancher reads of it, and data is what it holds.
	secret      string
	annotations map[string]string
	// shared says that whoever makes the cluster reads the secret.
	shared bool
	data   func(kubeconfig []byte) map[string][]byte
}

// accesses are those of a credential: the guest's, and the node driver's where it is wanted. They are two, because what the
// nodes hold shall not make machines.
func accesses(of *fleetv1.GuestCredential) []access {
	all := []access{guestAccess(of)}
	if of.Spec.NodeDriver {
		all = append(all, driverAccess(of))
	}
	return all
}

// guestAccess is what the nodes get: for the cloud provider and the CSI driver.
func guestAccess(of *fleetv1.GuestCredential) access {
	return access{
		account: of.Name,
		roles: map[string]string{
			"clusterRoleName": "harvesterhci.io:cloudprovider", "csiclusterRoleName": "harvesterhci.io:csi-driver",
		},
		uid: &of.Status.AccountUID, kept: &of.Status.SecretName, secret: secretName(of),
		annotations: map[string]string{annotationCluster: of.Name, annotationDeletes: "true"},
		data:        func(kubeconfig []byte) map[string][]byte { return map[string][]byte{credentialKey: kubeconfig} },
	}
}

// driverAccess is what makes the machines: a cloud credential beside its cluster. No cluster has a dot in its name, so the
// account is no other cluster's.
func driverAccess(of *fleetv1.GuestCredential) access {
	return access{
		account: of.Name + ".node-driver",
		roles:   map[string]string{"nodeDriverClusterRoleName": "harvesterhci.io:node-driver"},
		uid:     &of.Status.NodeDriverAccountUID, kept: &of.Status.CloudCredentialSecretName, secret: "croftcredential-" + of.Name,
		annotations: map[string]string{"provisioning.cattle.io/driver": "croft"}, shared: true,
		data: func(kubeconfig []byte) map[string][]byte {
			return map[string][]byte{
				"croftcredentialConfig-clusterType": []byte("external"), "croftcredentialConfig-kubeconfigContent": kubeconfig,
			}
		},
	}
}
