package v1beta1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is where these kinds are served.
var GroupVersion = schema.GroupVersion{Group: "harvesterhci.io", Version: "v1beta1"}

// Kinds by their full name.
var (
	SettingKind             = GroupVersion.WithKind("Setting")
	VirtualMachineImageKind = GroupVersion.WithKind("VirtualMachineImage")
	ImageDownloaderKind     = GroupVersion.WithKind("VirtualMachineImageDownloader")
	KeyPairKind             = GroupVersion.WithKind("KeyPair")
	TemplateKind            = GroupVersion.WithKind("VirtualMachineTemplate")
	TemplateVersionKind     = GroupVersion.WithKind("VirtualMachineTemplateVersion")
	ResourceQuotaKind       = GroupVersion.WithKind("ResourceQuota")
)

// Resources as they stand in a URL and in RBAC rules.
var (
	Settings             = GroupVersion.WithResource("settings")
	VirtualMachineImages = GroupVersion.WithResource("virtualmachineimages")
	ImageDownloaders     = GroupVersion.WithResource("virtualmachineimagedownloaders")
	KeyPairs             = GroupVersion.WithResource("keypairs")
	Templates            = GroupVersion.WithResource("virtualmachinetemplates")
	TemplateVersions     = GroupVersion.WithResource("virtualmachinetemplateversions")
	ResourceQuotas       = GroupVersion.WithResource("resourcequotas")
)

var builder = runtime.NewSchemeBuilder(func(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&Setting{}, &SettingList{},
		&VirtualMachineImage{}, &VirtualMachineImageList{},
		&VirtualMachineImageDownloader{}, &VirtualMachineImageDownloaderList{},
		&KeyPair{}, &KeyPairList{},
		&VirtualMachineTemplate{}, &VirtualMachineTemplateList{},
		&VirtualMachineTemplateVersion{}, &VirtualMachineTemplateVersionList{},
		&ResourceQuota{}, &ResourceQuotaList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
})

// AddToScheme teaches a scheme these kinds.
var AddToScheme = builder.AddToScheme
