package management

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of this package's kinds.
var GroupVersion = schema.GroupVersion{Group: "management.cattle.io", Version: "v3"}

// AddToScheme makes the kinds of this package known to a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&Cluster{}, &ClusterList{},
		&ClusterRegistrationToken{}, &ClusterRegistrationTokenList{},
		&APIService{}, &APIServiceList{},
		&Setting{}, &SettingList{},
		&Feature{}, &FeatureList{},
		&Preference{}, &PreferenceList{},
		&User{}, &UserList{},
		&Token{}, &TokenList{},
		&Project{}, &ProjectList{},
		&RoleTemplate{}, &RoleTemplateList{},
		&ClusterRoleTemplateBinding{}, &ClusterRoleTemplateBindingList{},
		&ProjectRoleTemplateBinding{}, &ProjectRoleTemplateBindingList{},
		&GlobalRole{}, &GlobalRoleList{},
		&GlobalRoleBinding{}, &GlobalRoleBindingList{},
		&NodeDriver{}, &NodeDriverList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)

	return nil
}
