// Package snapshot says what the hub's index holds of a snapshot of a volume. It reads nothing and serves nothing. Begin
// reading with Type.
package snapshot

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/csi"
)

// Type is the row of a snapshot. A site whose storage takes none has none.
var Type = &index.Type{
	Name:        "snapshot",
	Plural:      "snapshots",
	Description: "A snapshot of a volume of one of the sites, as the hub last saw it.",
	Sources:     []index.Source{{Resource: csi.VolumeSnapshots, Trim: index.TrimOne("snapshot", keep), Optional: true}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Ready, Creating, Failed or Removing."},
		{Name: "volume", Aliases: []string{"spec.source.persistentVolumeClaimName"}, Description: "The volume that it was taken of.", Searched: true},
		{Name: "size", Kind: index.Number, Description: "The least size in bytes of a volume that is made of it; 0 while it is unknown."},
		{Name: "snapshotClass", Aliases: []string{"spec.volumeSnapshotClassName"}, Description: "The class that says how it is taken."},
	},
	Join: index.JoinOne("snapshot", row),
}

// read is as much of a snapshot as is read (see index.Amount).
type read struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Source struct {
			PersistentVolumeClaimName string `json:"persistentVolumeClaimName"`
		} `json:"source"`
		VolumeSnapshotClassName string `json:"volumeSnapshotClassName"`
	} `json:"spec"`
	Status *struct {
		ReadyToUse  *bool                    `json:"readyToUse"`
		RestoreSize *index.Amount            `json:"restoreSize"`
		Error       *csi.VolumeSnapshotError `json:"error"`
	} `json:"status"`
}

// kept is what is kept of a snapshot.
type kept struct {
	index.Meta
	Volume  string `json:"volume,omitempty"`
	Class   string `json:"class,omitempty"`
	Size    int64  `json:"size,omitempty"`
	Ready   bool   `json:"ready,omitempty"`
	Problem string `json:"problem,omitempty"`
}

func keep(snapshot *read) kept {
	k := kept{
		Meta: index.MetaOf(&snapshot.ObjectMeta), Volume: index.Short(snapshot.Spec.Source.PersistentVolumeClaimName),
		Class: index.Short(snapshot.Spec.VolumeSnapshotClassName),
	}
	if status := snapshot.Status; status != nil {
		if status.RestoreSize != nil {
			k.Size = status.RestoreSize.Value()
		}
		how := csi.SnapshotStateOf(&csi.VolumeSnapshot{Status: &csi.VolumeSnapshotStatus{ReadyToUse: ptr.To(ptr.Deref(status.ReadyToUse, false)), Error: status.Error}})
		k.Ready, k.Problem = how.Ready, index.Long(how.Problem)
	}
	return k
}

func row(k *kept) index.Row {
	word, state := stateOf(k)
	return k.Row(word, state, map[string]any{"volume": k.Volume, "size": k.Size, "snapshotClass": k.Class})
}

// stateOf says in a word how a snapshot is, as a site does of itself.
func stateOf(k *kept) (string, index.State) {
	switch {
	case k.Ready:
		return "Ready", index.State{}
	case k.Problem != "":
		return "Failed", index.State{Error: true, Message: k.Problem}
	default:
		return "Creating", index.State{Transitioning: true, Message: "It is being taken."}
	}
}
