// Package backup says what the hub's index holds of a backup of a whole machine, or of a snapshot of one, which Harvester
// keeps as a backup too. It reads nothing and serves nothing. Begin reading with Type.
package backup

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Type is the row of a backup. A site that makes none has none.
var Type = &index.Type{
	Name:        "backup",
	Plural:      "backups",
	Description: "A backup or a snapshot of a machine of one of the sites, as the hub last saw it.",
	Sources: []index.Source{{
		Resource: harvesterv1.GroupVersion.WithResource("virtualmachinebackups"), Trim: index.TrimOne("backup", keep), Optional: true,
	}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Ready, Creating, Failed or Removing."},
		{Name: "backupType", Aliases: []string{"spec.type"}, Description: "backup where it leaves the site, snapshot where it stays."},
		{Name: "machine", Aliases: []string{"spec.source.name"}, Description: "The machine that it was taken of.", Searched: true},
		{Name: "progress", Kind: index.Number, Aliases: []string{"status.progress"}, Description: "How many percent are done."},
	},
	Join: index.JoinOne("backup", row),
}

// read is as much of a backup as is read.
type read struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Type   string `json:"type"`
		Source struct {
			Name string `json:"name"`
		} `json:"source"`
	} `json:"spec"`
	Status struct {
		ReadyToUse *bool `json:"readyToUse"`
		Progress   int64 `json:"progress"`
		Error      *struct {
			Message *string `json:"message"`
		} `json:"error"`
		BackupTarget *struct {
			Endpoint   string `json:"endpoint"`
			BucketName string `json:"bucketName"`
		} `json:"backupTarget"`
	} `json:"status"`
}

// kept is what is kept of a backup.
type kept struct {
	index.Meta
	Type     string `json:"type,omitempty"`
	Machine  string `json:"machine,omitempty"`
	Progress int64  `json:"progress,omitempty"`
	Ready    bool   `json:"ready,omitempty"`
	Failed   bool   `json:"failed,omitempty"`
	Problem  string `json:"problem,omitempty"`
	Target   string `json:"target,omitempty"`
}

func keep(backup *read) kept {
	k := kept{
		Meta: index.MetaOf(&backup.ObjectMeta), Type: index.Short(backup.Spec.Type), Machine: index.Short(backup.Spec.Source.Name),
		Progress: backup.Status.Progress, Ready: ptr.Deref(backup.Status.ReadyToUse, false),
	}
	if k.Type == "" {
		k.Type = "backup" // what it was before there were snapshots
	}
	if failure := backup.Status.Error; failure != nil {
		k.Failed, k.Problem = true, index.Long(ptr.Deref(failure.Message, "The site gave no reason."))
	}
	if target := backup.Status.BackupTarget; target != nil {
		k.Target = index.Short(target.Endpoint)
		if target.BucketName != "" {
			k.Target = index.Short(target.BucketName)
		}
	}
	return k
}

func row(k *kept) index.Row {
	word, state := stateOf(k)
	r := k.Row(word, state, map[string]any{"backupType": k.Type, "machine": k.Machine, "progress": k.Progress})
	r.Shown = map[string]any{"target": k.Target}
	return r
}

// stateOf says in a word how a backup is.
func stateOf(k *kept) (string, index.State) {
	switch {
	case k.Ready:
		return "Ready", index.State{}
	case k.Failed:
		return "Failed", index.State{Error: true, Message: k.Problem}
	default:
		return "Creating", index.State{Transitioning: true, Message: fmt.Sprintf("%d %% are done.", k.Progress)}
	}
}
