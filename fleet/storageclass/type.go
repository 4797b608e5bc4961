// Package storageclass says what the hub's index holds of a site's storage class. It reads nothing and serves nothing.
// Begin reading with Type.
package storageclass

import (
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Type is the row of a storage class.
var Type = &index.Type{
	Name:        "storageclass",
	Plural:      "storageclasses",
	Description: "A storage class of one of the sites, as the hub last saw it.",
	Sources: []index.Source{{
		Resource: storagev1.SchemeGroupVersion.WithResource("storageclasses"), Trim: index.TrimOne("storage class", keep),
	}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Default, Reserved for the site's own, Active or Removing."},
		{Name: "provisioner", Description: "The driver that makes its volumes.", Searched: true},
		{Name: "reclaimPolicy", Description: "What becomes of the storage of a volume that is deleted: Delete or Retain."},
		{Name: "bindingMode", Aliases: []string{"volumeBindingMode"}, Description: "Immediate, or WaitForFirstConsumer where storage is given to a volume when it is first used."},
	},
	Join: index.JoinOne("storage class", row),
}

// kept is what is kept of a storage class. Its parameters are not: what they mean is the driver's own business.
type kept struct {
	index.Meta
	Provisioner string `json:"provisioner,omitempty"`
	Reclaim     string `json:"reclaim,omitempty"`
	Binding     string `json:"binding,omitempty"`
	Default     bool   `json:"default,omitempty"`
	Reserved    bool   `json:"reserved,omitempty"`
	Grows       bool   `json:"grows,omitempty"`
}

func keep(class *storagev1.StorageClass) kept {
	return kept{
		Meta: index.MetaOf(&class.ObjectMeta), Provisioner: index.Short(class.Provisioner),
		Reclaim:  string(index.Short(ptr.Deref(class.ReclaimPolicy, ""))),
		Binding:  string(index.Short(ptr.Deref(class.VolumeBindingMode, ""))),
		Default:  class.Annotations[harvesterv1.AnnotationDefaultClass] == "true",
		Reserved: class.Annotations[harvesterv1.AnnotationReservedClass] == "true",
		Grows:    ptr.Deref(class.AllowVolumeExpansion, false),
	}
}

func row(k *kept) index.Row {
	word, state := stateOf(k)
	r := k.Row(word, state, map[string]any{"provisioner": k.Provisioner, "reclaimPolicy": k.Reclaim, "bindingMode": k.Binding})
	r.Shown = map[string]any{"allowVolumeExpansion": k.Grows}
	return r
}

// stateOf says in a word what a storage class is for, as a site does of itself.
func stateOf(k *kept) (string, index.State) {
	switch {
	case k.Default:
		return "Default", index.State{Message: "Volumes that name no storage class are made of this one."}
	case k.Reserved:
		return "Reserved", index.State{Message: "The site uses this class itself."}
	default:
		return "Active", index.State{}
	}
}
