package kubevirt

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubevirtv1 "kubevirt.io/api/core/v1"
	exportv1 "kubevirt.io/api/export/v1beta1"
)

// GroupVersion is where KubeVirt's kinds are served.
var GroupVersion = kubevirtv1.GroupVersion

// SubresourceGroupVersion is where virt-api serves consoles and verbs.
var SubresourceGroupVersion = schema.GroupVersion{Group: kubevirtv1.SubresourceGroupName, Version: GroupVersion.Version}

// Kinds by their full name.
var (
	VirtualMachineKind         = kubevirtv1.VirtualMachineGroupVersionKind
	VirtualMachineInstanceKind = kubevirtv1.VirtualMachineInstanceGroupVersionKind
	MigrationKind              = kubevirtv1.VirtualMachineInstanceMigrationGroupVersionKind
	KubeVirtKind               = kubevirtv1.KubeVirtGroupVersionKind
)

// Resources as they stand in a URL and in RBAC rules.
var (
	VirtualMachines         = GroupVersion.WithResource("virtualmachines")
	VirtualMachineInstances = GroupVersion.WithResource("virtualmachineinstances")
	Migrations              = GroupVersion.WithResource("virtualmachineinstancemigrations")
	KubeVirts               = GroupVersion.WithResource("kubevirts")
)

// AddToScheme teaches a scheme KubeVirt's kinds.
var AddToScheme = builder.AddToScheme

var builder = runtime.SchemeBuilder{kubevirtv1.AddToScheme, exportv1.AddToScheme}
