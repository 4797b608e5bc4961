package farm

import (
	"crofthci.io/croft/test/bench/lightapi"
)

// Spec is what a farm has.
type Spec struct {
	// Sites is how many servers there are.
	Sites int
	// Machines is how many machines each has; four of five run.
	Machines int
	// Joined has one server hold the machines of all sites, instead of one for each.
	Joined bool
}

// What each site has besides machines.
const (
	// Namespaces is how many namespaces each has, between which its machines are shared out.
	Namespaces = 20
	// Shared is in how many of them User may see machines.
	Shared = 10
	// Nodes is how many nodes each has.
	Nodes = 8
	// User may see a part of the machines of each site.
	User = "u-bench"
)

// The kinds of a site.
var (
	machines            = lightapi.KindOf("kubevirt.io", "v1", "VirtualMachine", "virtualmachines")
	instances           = lightapi.KindOf("kubevirt.io", "v1", "VirtualMachineInstance", "virtualmachineinstances")
	nodes               = lightapi.KindOf("", "v1", "Node", "nodes").Whole()
	namespaces          = lightapi.KindOf("", "v1", "Namespace", "namespaces").Whole()
	roles               = lightapi.KindOf("rbac.authorization.k8s.io", "v1", "Role", "roles")
	bindings            = lightapi.KindOf("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")
	clusterRoles        = lightapi.KindOf("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles").Whole()
	clusterRoleBindings = lightapi.KindOf("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings").Whole()
	definitions         = lightapi.KindOf("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions").Whole()
	services            = lightapi.KindOf("apiregistration.k8s.io", "v1", "APIService", "apiservices").Whole()
)

var kinds = []lightapi.Kind{
	machines, instances, nodes, namespaces, roles, bindings, clusterRoles, clusterRoleBindings, definitions, services,
	// These are followed, too, and a site has none of them.
	lightapi.KindOf("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
	lightapi.KindOf("storage.k8s.io", "v1", "StorageClass", "storageclasses").Whole(),
	lightapi.KindOf("harvesterhci.io", "v1beta1", "VirtualMachineImage", "virtualmachineimages"),
	lightapi.KindOf("harvesterhci.io", "v1beta1", "VirtualMachineTemplate", "virtualmachinetemplates"),
	lightapi.KindOf("harvesterhci.io", "v1beta1", "VirtualMachineBackup", "virtualmachinebackups"),
	lightapi.KindOf("snapshot.storage.k8s.io", "v1", "VolumeSnapshot", "volumesnapshots"),
	lightapi.KindOf("k8s.cni.cncf.io", "v1", "NetworkAttachmentDefinition", "network-attachment-definitions"),
	lightapi.KindOf("loadbalancer.harvesterhci.io", "v1beta1", "LoadBalancer", "loadbalancers"),
}
