package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ConditionCredentialReady, on a GuestCredential: whether the secret has a credential that the site has minted.
const ConditionCredentialReady = "Ready"

// The reasons of ConditionCredentialReady.
const (
	// ReasonCredentialMinted says that the secret has what the site has minted.
	ReasonCredentialMinted = "Minted"
	// ReasonCredentialRefused says that the site has refused it to the creator; the message has the site's words. A person must act.
	ReasonCredentialRefused = "Refused"
	// ReasonCredentialUnreachable says that the site has not answered. It is asked again.
	ReasonCredentialUnreachable = "Unreachable"
	// ReasonCredentialTaken says that another cluster of the name has its credential in the same namespace of the site, or that the
	// secret is there and somebody else's.
	ReasonCredentialTaken = "Taken"
	// ReasonCredentialUnusable says that what the site has answered is no credential for the namespace.
	ReasonCredentialUnusable = "Unusable"
)

// GuestCredential is the access that a guest cluster has to the site of its machines: the hub has the site mint it as the
// person who asks for it, keeps it in a secret that Rancher hands to the cluster's nodes, keeps it good, and takes it back
// with the cluster. It is called as the cluster is, and lies beside it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Namespaced,categories=croft
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Site",type=string,JSONPath=`.spec.site`
// +kubebuilder:printcolumn:name="Namespace",type=string,JSONPath=`.spec.machineNamespace`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Secret",type=string,JSONPath=`.status.secretName`
// +kubebuilder:printcolumn:name="Expires",type=date,JSONPath=`.status.expirationTime`
// +kubebuilder:printcolumn:name="Creator",type=string,JSONPath=`.spec.creator.username`,priority=1
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name is the cluster's, which has 63 characters at most"
type GuestCredential struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is whose access it is, and to what. It stays as it was made.
	Spec GuestCredentialSpec `json:"spec"`
	// status is what has been minted. Written by the hub.
	// +optional
	Status GuestCredentialStatus `json:"status,omitempty"`
}

// GuestCredentialSpec is whose access it is, and to what. It stays as it was made.
//
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec cannot be changed once the credential exists; delete it and make another"
type GuestCredentialSpec struct {
	// creator is as whom the site is asked: the person who makes the object. Through /v1/croft the hub writes it; who makes
	// the object otherwise can name himself and some of his own groups, and nobody else.
	Creator BulkCreator `json:"creator"`
	// site is the id of the site that the cluster's machines are at, such as c-m-abcd1234.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=63
	Site string `json:"site"`
	// machineNamespace is where the machines are at the site, and all that the credential reaches.
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=63
	MachineNamespace string `json:"machineNamespace"`
	// nodeDriver has the site mint a second access, by which Rancher's node driver makes the cluster's machines. Rancher keeps it,
	// and the nodes do not get it. By default none is minted.
	// +optional
	NodeDriver bool `json:"nodeDriver,omitempty"`
}

// GuestCredentialStatus is what has been minted.
type GuestCredentialStatus struct {
	// secretName is the secret with the kubeconfig under the key credential, in the object's namespace.
	// +optional
	SecretName string `json:"secretName,omitempty"`
	// cloudProviderConfig is what the cluster's machineSelectorConfig takes as cloud-provider-config: the secret in Rancher's
	// way of writing it.
	// +optional
	CloudProviderConfig string `json:"cloudProviderConfig,omitempty"`
	// cloudCredentialSecretName is what the cluster takes as cloudCredentialSecretName: the secret with the node driver's access,
	// in the object's namespace.
	// +optional
	CloudCredentialSecretName string `json:"cloudCredentialSecretName,omitempty"`
	// clusterUID is the UID of the cluster, once there is one. When that cluster goes, the credential goes.
	// +optional
	ClusterUID string `json:"clusterUID,omitempty"`
	// accountUID is the UID of the service account at the site.
	// +optional
	AccountUID string `json:"accountUID,omitempty"`
	// nodeDriverAccountUID is the UID of the node driver's.
	// +optional
	NodeDriverAccountUID string `json:"nodeDriverAccountUID,omitempty"`
	// mintedTime is when the site was last asked and has answered.
	// +optional
	MintedTime *metav1.Time `json:"mintedTime,omitempty"`
	// expirationTime is when the credential ends; none where it does not.
	// +optional
	ExpirationTime *metav1.Time `json:"expirationTime,omitempty"`
	// conditions are Ready.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// GuestCredentialList is a list of credentials.
//
// +kubebuilder:object:root=true
type GuestCredentialList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	// items are the credentials.
	Items []GuestCredential `json:"items"`
}
