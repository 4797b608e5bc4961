package management

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// User is a person or a program, named user-xxxxx or u-xxxxx. That name, never
// the username, is what clusters see.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Username",type=string,JSONPath=`.username`
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.displayName`
type User struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// displayName is the name that people read.
	DisplayName string `json:"displayName,omitempty"`
	// description is free text.
	Description string `json:"description,omitempty"`
	// username is what the user types to log in.
	Username string `json:"username,omitempty"`
	// password is never kept here; Rancher moves what is written to a secret.
	Password string `json:"password,omitempty"`
	// mustChangePassword is true until the user chose a password.
	MustChangePassword bool `json:"mustChangePassword,omitempty"`
	// principalIds are the identities of the user, such as local://user-xxxxx.
	PrincipalIDs []string `json:"principalIds,omitempty"`
	// enabled is false for a user who may not log in; none means true.
	// +nullable
	Enabled *bool `json:"enabled,omitempty"`
	// status is free.
	// +kubebuilder:validation:XPreserveUnknownFields
	Status UserStatus `json:"status,omitempty"`
}

// UserStatus tells how far a user is set up.
type UserStatus struct {
	// conditions tell how far a user is set up.
	Conditions []Condition `json:"conditions,omitempty"`
}

// IsEnabled tells whether the user may log in.
func (u *User) IsEnabled() bool { return u.Enabled == nil || *u.Enabled }

// UserList is a list of users.
//
// +kubebuilder:object:root=true
type UserList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []User `json:"items"`
}

// Token is a session or an API key. Its name is the first half of what the
// client presents, the hash of the second half is in token.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="User",type=string,JSONPath=`.userId`
type Token struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// token is the hash of the secret word.
	Token string `json:"token"`
	// userId is the name of the user.
	UserID string `json:"userId"`
	// authProvider is how the user proved himself, "local" here.
	AuthProvider string `json:"authProvider,omitempty"`
	// ttl is how long the token lives after its creation, in milliseconds; 0 is forever.
	TTLMillis int64 `json:"ttl"`
	// expiresAt is when the token ends, in RFC 3339; empty is never.
	ExpiresAt string `json:"expiresAt,omitempty"`
	// expired is true once it has ended.
	Expired bool `json:"expired"`
	// isDerived is false for a session and true for an API key.
	IsDerived bool `json:"isDerived"`
	// description is free text.
	Description string `json:"description,omitempty"`
	// clusterName limits the token to one cluster.
	ClusterName string `json:"clusterName,omitempty"`
	// enabled is false for a token that is switched off; none means true.
	// +nullable
	Enabled *bool `json:"enabled,omitempty"`
}

// IsEnabled tells whether the token is switched on.
func (t *Token) IsEnabled() bool { return t.Enabled == nil || *t.Enabled }

// TokenList is a list of tokens.
//
// +kubebuilder:object:root=true
type TokenList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Token `json:"items"`
}
