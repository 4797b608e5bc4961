package lightapi

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Kind is a kind of objects that a server has.
type Kind struct {
	schema.GroupVersionKind

	// Resource is its name in addresses.
	Resource string
	// Namespaced says that its objects live in namespaces.
	Namespaced bool
}

// KindOf is a kind of objects in namespaces.
func KindOf(group, version, kind, resource string) Kind {
	return Kind{GroupVersionKind: schema.GroupVersionKind{Group: group, Version: version, Kind: kind}, Resource: resource, Namespaced: true}
}

// Whole is the kind, of objects of the whole cluster.
func (k Kind) Whole() Kind {
	k.Namespaced = false
	return k
}

// root is where the kind's version is served.
func (k Kind) root() string {
	if k.Group == "" {
		return "/api/" + k.Version
	}
	return "/apis/" + k.Group + "/" + k.Version
}

// resource is the kind as discovery tells it.
func (k Kind) resource() metav1.APIResource {
	return metav1.APIResource{
		Name: k.Resource, SingularName: strings.ToLower(k.Kind), Kind: k.Kind, Namespaced: k.Namespaced,
		Verbs: metav1.Verbs{"create", "delete", "get", "list", "update", "watch"},
	}
}

// place is what an address of objects names.
type place struct {
	table *table
	// namespace and name are empty where the address names none.
	namespace, name string
}

// prefix is what the keys of the place's objects begin with.
func (p place) prefix() string {
	if p.namespace == "" {
		return ""
	}
	return p.namespace + "/"
}

// placeOf reads an address such as /apis/kubevirt.io/v1/namespaces/default/virtualmachines/web.
func (s *Server) placeOf(path string) (place, bool) {
	for _, t := range s.tables {
		rest, ok := strings.CutPrefix(path, t.kind.root()+"/")
		if !ok {
			continue
		}
		parts := strings.Split(rest, "/")
		switch {
		case parts[0] == t.kind.Resource && len(parts) == 1:
			return place{table: t}, true
		case parts[0] == t.kind.Resource && len(parts) == 2 && !t.kind.Namespaced:
			return place{table: t, name: parts[1]}, true
		case parts[0] == "namespaces" && len(parts) == 3 && parts[2] == t.kind.Resource && t.kind.Namespaced:
			return place{table: t, namespace: parts[1]}, true
		case parts[0] == "namespaces" && len(parts) == 4 && parts[2] == t.kind.Resource && t.kind.Namespaced:
			return place{table: t, namespace: parts[1], name: parts[3]}, true
		}
	}
	return place{}, false
}

// key is where an object is kept. Keys are sorted as etcd sorts them.
func key(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}
