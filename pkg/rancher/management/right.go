package management

import (
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Annotation and label that tie a namespace of a cluster to a project.
const (
	// AnnotationProjectID holds cluster and project, as c-m-xxxxx:p-xxxxx.
	AnnotationProjectID = "field.cattle.io/projectId"
	// LabelProjectID holds the project alone.
	LabelProjectID = "field.cattle.io/projectId"
)

// Contexts of a RoleTemplate.
const (
	// ContextCluster is for a whole cluster.
	ContextCluster = "cluster"
	// ContextProject is for the namespaces of a project.
	ContextProject = "project"
)

// Project is a set of namespaces of one cluster. It lives in the namespace that
// is named as the cluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.spec.displayName`
type Project struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec names cluster and project.
	// +kubebuilder:validation:XPreserveUnknownFields
	Spec ProjectSpec `json:"spec,omitempty"`
	// status is free.
	// +kubebuilder:validation:XPreserveUnknownFields
	Status ProjectStatus `json:"status,omitempty"`
}

// ProjectSpec names cluster and project.
type ProjectSpec struct {
	// displayName is the name that people read.
	DisplayName string `json:"displayName,omitempty"`
	// description is free text.
	Description string `json:"description,omitempty"`
	// clusterName is the cluster of the project.
	ClusterName string `json:"clusterName,omitempty"`
}

// ProjectStatus tells how far a project is set up.
type ProjectStatus struct {
	// conditions tell how far a project is set up.
	Conditions []Condition `json:"conditions,omitempty"`
	// backingNamespace is the namespace on the hub of the project's bindings.
	BackingNamespace string `json:"backingNamespace,omitempty"`
}

// ProjectList is a list of projects.
//
// +kubebuilder:object:root=true
type ProjectList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Project `json:"items"`
}

// RoleTemplate is a role that can be given on a cluster or a project.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.displayName`
// +kubebuilder:printcolumn:name="Context",type=string,JSONPath=`.context`
type RoleTemplate struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// displayName is the name that people read.
	DisplayName string `json:"displayName,omitempty"`
	// description is free text.
	Description string `json:"description,omitempty"`
	// rules are what the role allows in the cluster.
	Rules []rbacv1.PolicyRule `json:"rules,omitempty"`
	// builtin is true for the roles that come with Rancher.
	Builtin bool `json:"builtin,omitempty"`
	// external is true for a role that the cluster itself has, such as edit.
	External bool `json:"external,omitempty"`
	// hidden keeps the role out of menus.
	Hidden bool `json:"hidden,omitempty"`
	// locked forbids new bindings.
	Locked bool `json:"locked,omitempty"`
	// context is cluster or project.
	Context string `json:"context,omitempty"`
	// roleTemplateNames are the roles that this one contains.
	RoleTemplateNames []string `json:"roleTemplateNames,omitempty"`
}

// RoleTemplateList is a list of role templates.
//
// +kubebuilder:object:root=true
type RoleTemplateList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []RoleTemplate `json:"items"`
}

// ClusterRoleTemplateBinding gives a role on a cluster to a user or a group. It
// lives in the namespace that is named as the cluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Namespaced
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Cluster",type=string,JSONPath=`.clusterName`
// +kubebuilder:printcolumn:name="Role",type=string,JSONPath=`.roleTemplateName`
// +kubebuilder:printcolumn:name="User",type=string,JSONPath=`.userName`
type ClusterRoleTemplateBinding struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// userName is the name of the user who gets the role.
	UserName string `json:"userName,omitempty"`
	// userPrincipalName is the identity of that user, such as local://u-xxxxx.
	UserPrincipalName string `json:"userPrincipalName,omitempty"`
	// groupName is the group that gets the role instead of a user.
	GroupName string `json:"groupName,omitempty"`
	// groupPrincipalName is the identity of that group.
	GroupPrincipalName string `json:"groupPrincipalName,omitempty"`
	// clusterName is the cluster.
	ClusterName string `json:"clusterName"`
	// roleTemplateName is the role.
	RoleTemplateName string `json:"roleTemplateName"`
}

// ClusterRoleTemplateBindingList is a list of cluster role bindings.
//
// +kubebuilder:object:root=true
type ClusterRoleTemplateBindingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ClusterRoleTemplateBinding `json:"items"`
}

// ProjectRoleTemplateBinding gives a role on a project to a user or a group. It
// lives in the namespace that is named as the project, or in the project's
// backing namespace.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Namespaced
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Project",type=string,JSONPath=`.projectName`
// +kubebuilder:printcolumn:name="Role",type=string,JSONPath=`.roleTemplateName`
// +kubebuilder:printcolumn:name="User",type=string,JSONPath=`.userName`
type ProjectRoleTemplateBinding struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// userName is the name of the user who gets the role.
	UserName string `json:"userName,omitempty"`
	// userPrincipalName is the identity of that user, such as local://u-xxxxx.
	UserPrincipalName string `json:"userPrincipalName,omitempty"`
	// groupName is the group that gets the role instead of a user.
	GroupName string `json:"groupName,omitempty"`
	// groupPrincipalName is the identity of that group.
	GroupPrincipalName string `json:"groupPrincipalName,omitempty"`
	// projectName is cluster and project, as c-m-xxxxx:p-xxxxx.
	ProjectName string `json:"projectName"`
	// roleTemplateName is the role.
	RoleTemplateName string `json:"roleTemplateName"`
}

// ProjectRoleTemplateBindingList is a list of project role bindings.
//
// +kubebuilder:object:root=true
type ProjectRoleTemplateBindingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ProjectRoleTemplateBinding `json:"items"`
}

// GlobalRole is a role on the hub itself.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.displayName`
type GlobalRole struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// displayName is the name that people read.
	DisplayName string `json:"displayName,omitempty"`
	// description is free text.
	Description string `json:"description,omitempty"`
	// rules are what the role allows on the hub.
	Rules []rbacv1.PolicyRule `json:"rules,omitempty"`
	// newUserDefault gives the role to every new user.
	NewUserDefault bool `json:"newUserDefault,omitempty"`
	// builtin is true for the roles that come with Rancher.
	Builtin bool `json:"builtin,omitempty"`
}

// GlobalRoleList is a list of global roles.
//
// +kubebuilder:object:root=true
type GlobalRoleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []GlobalRole `json:"items"`
}

// GlobalRoleBinding gives a global role to a user.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Role",type=string,JSONPath=`.globalRoleName`
// +kubebuilder:printcolumn:name="User",type=string,JSONPath=`.userName`
type GlobalRoleBinding struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// userName is the name of the user who gets the role.
	UserName string `json:"userName,omitempty"`
	// groupPrincipalName is the group that gets the role instead of a user.
	GroupPrincipalName string `json:"groupPrincipalName,omitempty"`
	// globalRoleName is the role.
	GlobalRoleName string `json:"globalRoleName"`
}

// GlobalRoleBindingList is a list of global role bindings.
//
// +kubebuilder:object:root=true
type GlobalRoleBindingList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []GlobalRoleBinding `json:"items"`
}

// NodeDriver is a program that makes machines.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.spec.displayName`
type NodeDriver struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says where the program is.
	// +kubebuilder:validation:XPreserveUnknownFields
	Spec NodeDriverSpec `json:"spec,omitempty"`
}

// NodeDriverSpec says where a node driver is.
type NodeDriverSpec struct {
	// displayName is the name that people read.
	DisplayName string `json:"displayName,omitempty"`
	// active is true for a driver that can be used.
	Active bool `json:"active"`
	// addCloudCredential makes the driver's secret flags a cloud credential.
	AddCloudCredential bool `json:"addCloudCredential,omitempty"`
	// builtin is true for the drivers that come with Rancher.
	Builtin bool `json:"builtin,omitempty"`
	// url is where the program is downloaded from.
	URL string `json:"url,omitempty"`
	// checksum is the program's SHA-256.
	Checksum string `json:"checksum,omitempty"`
}

// NodeDriverList is a list of node drivers.
//
// +kubebuilder:object:root=true
type NodeDriverList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []NodeDriver `json:"items"`
}
