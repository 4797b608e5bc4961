package v1beta1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// KeyPairValidated is the condition that says whether a public key could be read.
const KeyPairValidated = "validated"

// KeyPair is the public half of an SSH key that machines can be given.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=keypairs,singular=keypair,shortName=kp;kps,scope=Namespaced
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="FINGER_PRINT",type=string,JSONPath=`.status.fingerPrint`
// +kubebuilder:printcolumn:name="AGE",type=date,JSONPath=`.metadata.creationTimestamp`
type KeyPair struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the key.
	Spec KeyPairSpec `json:"spec"`
	// status is what the server found out about the key. Written by the server.
	// +optional
	Status KeyPairStatus `json:"status,omitempty"`
}

// KeyPairSpec is the key.
type KeyPairSpec struct {
	// publicKey is one line of an authorized_keys file (OpenSSH format). Needed; it stays as it was made.
	// +kubebuilder:validation:MaxLength=16384
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="publicKey cannot be changed once the key exists"
	PublicKey string `json:"publicKey"`
}

// KeyPairStatus is what the server found out about the key.
type KeyPairStatus struct {
	// fingerPrint is the key's MD5 fingerprint in hexadecimal with colons.
	// +optional
	FingerPrint string `json:"fingerPrint,omitempty"`
	// observedGeneration is the metadata.generation of the object that the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions: validated is True when the key could be read; Ready and Stalled say the same to programs that wait.
	// +optional
	Conditions []Condition `json:"conditions,omitempty"`
}

// KeyPairList is a list of KeyPair.
//
// +kubebuilder:object:root=true
type KeyPairList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []KeyPair `json:"items"`
}
