package catalog

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of this package's kinds.
var GroupVersion = schema.GroupVersion{Group: "catalog.cattle.io", Version: "v1"}

// UIPluginNamespace is the only namespace whose plugins Rancher serves.
const UIPluginNamespace = "cattle-ui-plugin-system"

// Values of UIPluginStatus.cacheState.
const (
	// CachePending means that the files are still to be fetched.
	CachePending = "pending"
	// CacheCached means that the files are at hand.
	CacheCached = "cached"
	// CacheDisabled means that the files are fetched from the endpoint each time.
	CacheDisabled = "disabled"
)

// UIPlugin is an extension of the dashboard.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Namespaced,path=uiplugins,singular=uiplugin
// +kubebuilder:pruning:PreserveUnknownFields
// +kubebuilder:printcolumn:name="Plugin Name",type=string,JSONPath=`.spec.plugin.name`
// +kubebuilder:printcolumn:name="Version",type=string,JSONPath=`.spec.plugin.version`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.cacheState`
type UIPlugin struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what the extension is and where its files are.
	Spec UIPluginSpec `json:"spec"`
	// status says whether the files are at hand.
	// +kubebuilder:validation:XPreserveUnknownFields
	Status UIPluginStatus `json:"status,omitempty"`
}

// UIPluginSpec holds the one extension.
type UIPluginSpec struct {
	// plugin is the extension.
	Plugin UIPluginEntry `json:"plugin"`
}

// UIPluginEntry is an extension and where its files are.
type UIPluginEntry struct {
	// name is the extension's name in its package.json.
	Name string `json:"name"`
	// version is the extension's version in its package.json.
	Version string `json:"version"`
	// endpoint is the URL below which files.txt and plugin/ are.
	Endpoint string `json:"endpoint,omitempty"`
	// compressedEndpoint is the URL of a .tgz with the same.
	CompressedEndpoint string `json:"compressedEndpoint,omitempty"`
	// noCache asks for the files to be fetched each time.
	NoCache bool `json:"noCache,omitempty"`
	// noAuth lets the extension load before anybody logged in.
	NoAuth bool `json:"noAuth,omitempty"`
	// metadata are the annotations of package.json that the dashboard checks.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// UIPluginStatus says whether an extension's files are at hand.
type UIPluginStatus struct {
	// cacheState is pending, cached or disabled.
	CacheState string `json:"cacheState,omitempty"`
	// error is why the files could not be fetched.
	Error string `json:"error,omitempty"`
}

// UIPluginList is a list of extensions.
//
// +kubebuilder:object:root=true
type UIPluginList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []UIPlugin `json:"items"`
}

// AddToScheme makes the kinds of this package known to a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &UIPlugin{}, &UIPluginList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)

	return nil
}
