// Package volume says what the hub's index holds of a site's volume, which is a claim: how large it is, of what, and whose.
// It reads nothing and serves nothing. Begin reading with Type.
package volume

import (
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
)

// Type is the row of a volume.
var Type = &index.Type{
	Name:        "volume",
	Plural:      "volumes",
	Description: "A volume of one of the sites, as the hub last saw it.",
	Sources: []index.Source{{
		Resource: corev1.SchemeGroupVersion.WithResource("persistentvolumeclaims"), Trim: index.TrimOne("volume", keep),
	}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Ready, In-use, Resizing, Pending, Lost or Removing."},
		{Name: "size", Kind: index.Number, Description: "The size in bytes that it has, or that is asked for while it has none."},
		{Name: "storageClass", Aliases: []string{"spec.storageClassName"}, Description: "The storage class."},
		{Name: "machines", Kind: index.Words, Description: "The machines that use it, as namespace and name.", Searched: true, Own: true},
		{Name: "image", Description: "The image that it began as, as namespace and name.", Searched: true},
		{Name: "golden", Description: "true for the volume that holds the bytes of an image, false for all others."},
		{Name: "snapshots", Kind: index.Number, Description: "How many snapshots of it are ready."},
		{Name: "lastSnapshot", Kind: index.Time, Description: "When the newest of them was taken; 0 without any."},
	},
	Counts: []index.Count{{Of: "snapshot", By: "volume", Columns: []index.Counted{
		{Where: map[string]string{"state": "Ready"}, Number: "snapshots", Last: "lastSnapshot"},
	}}},
	Guards: []index.Guard{{Right: csi.VolumeSnapshots.GroupResource(), Fields: []string{"snapshots", "lastSnapshot"}}},
	Join:   index.JoinOne("volume", row),
}

// read is as much of a claim as is read (see index.Amount).
type read struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		StorageClassName *string                             `json:"storageClassName"`
		VolumeMode       *corev1.PersistentVolumeMode        `json:"volumeMode"`
		AccessModes      []corev1.PersistentVolumeAccessMode `json:"accessModes"`
		Resources        struct {
			Requests storage `json:"requests"`
		} `json:"resources"`
	} `json:"spec"`
	Status struct {
		Phase    corev1.PersistentVolumeClaimPhase `json:"phase"`
		Capacity storage                           `json:"capacity"`
	} `json:"status"`
}

type storage struct {
	Storage index.Amount `json:"storage"`
}

// kept is what is kept of a claim.
type kept struct {
	index.Meta
	Phase     string   `json:"phase,omitempty"`
	Requested int64    `json:"requested,omitempty"`
	Present   int64    `json:"present,omitempty"`
	Class     string   `json:"class,omitempty"`
	Mode      string   `json:"mode,omitempty"`
	Access    []string `json:"access,omitempty"`
	Machines  []string `json:"machines,omitempty"`
	Image     string   `json:"image,omitempty"`
	Golden    bool     `json:"golden,omitempty"`
}

func keep(claim *read) kept {
	k := kept{
		Meta: index.MetaOf(&claim.ObjectMeta), Phase: string(index.Short(claim.Status.Phase)),
		Requested: claim.Spec.Resources.Requests.Storage.Value(), Present: claim.Status.Capacity.Storage.Value(),
		Class: index.Short(ptr.Deref(claim.Spec.StorageClassName, "")), Mode: string(index.Short(ptr.Deref(claim.Spec.VolumeMode, ""))),
		Machines: machinesOf(&claim.ObjectMeta), Image: index.Short(claim.Annotations[harvesterv1.AnnotationImageID]),
		Golden: claim.Annotations[harvesterv1.AnnotationGoldenImage] == "true",
	}
	for _, mode := range claim.Spec.AccessModes[:min(len(claim.Spec.AccessModes), 4)] {
		k.Access = append(k.Access, string(index.Short(mode)))
	}
	return k
}

// machinesOf are the machines that use a claim: those that Harvester's annotation names, and the one that owns it.
func machinesOf(claim *metav1.ObjectMeta) []string {
	var users []struct {
		Schema string   `json:"schema"`
		Refs   []string `json:"refs"`
	}
	var machines []string
	if json.Unmarshal([]byte(claim.Annotations[harvesterv1.AnnotationOwnedBy]), &users) == nil {
		for _, user := range users {
			if user.Schema == "kubevirt.io.virtualmachine" {
				machines = append(machines, user.Refs...)
			}
		}
	}
	for _, owner := range claim.OwnerReferences {
		if owner.Kind == "VirtualMachine" {
			machines = append(machines, claim.Namespace+"/"+owner.Name)
		}
	}
	return index.List(machines)
}

func row(k *kept) index.Row {
	word, state := stateOf(k)
	golden := "false"
	if k.Golden {
		golden = "true"
	}
	size := k.Present
	if size == 0 {
		size = k.Requested
	}
	r := k.Row(word, state, map[string]any{
		"size": size, "storageClass": k.Class, "machines": k.Machines, "image": k.Image, "golden": golden,
	})
	r.Shown = map[string]any{"golden": k.Golden, "phase": k.Phase, "volumeMode": k.Mode, "accessModes": k.Access}
	return r
}

// stateOf says in a word how a volume is, and why, as a site does of itself. What CDI fills, and how far it is, the site
// alone knows.
func stateOf(k *kept) (string, index.State) {
	switch {
	case k.Phase == string(corev1.ClaimLost):
		return "Lost", index.State{Error: true, Message: "The storage that it had is gone."}
	case k.Phase != string(corev1.ClaimBound):
		return "Pending", index.State{Transitioning: true, Message: "It waits for its storage."}
	case k.Present > 0 && k.Requested > k.Present:
		return "Resizing", index.State{Transitioning: true, Message: "It is being enlarged."}
	case k.Golden:
		return "In-use", index.State{Message: "It holds the bytes of image " + k.Image + "."}
	case len(k.Machines) > 0:
		return "In-use", index.State{Message: "It is used by " + strings.Join(k.Machines, ", ") + "."}
	default:
		return "Ready", index.State{}
	}
}
