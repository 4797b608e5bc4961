package bulkoperation

import (
	"crofthci.io/croft/fleet/index"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// Type is the row of an operation, by which it is live: who subscribes to it is told of its progress and its items. Lists
// are Server's, which reads what is written a moment ago.
var Type = &index.Type{
	Name:        "bulkoperation",
	Plural:      "bulkoperations",
	Description: "One action for many objects at many sites, in waves.",
	OfHub:       true,
	Sources: []index.Source{{
		Resource: fleetv1.GroupVersion.WithResource("bulkoperations"), Optional: true,
		Trim: index.TrimOne("bulk operation", keep),
	}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name", "status.phase"}, Description: "Pending, Checked, Running, Paused, Completed, Failed or Cancelled."},
		{Name: "action", Aliases: []string{"spec.action"}, Description: "The action, such as stop.", Searched: true},
		{Name: "about", Aliases: []string{"spec.type"}, Description: "The type of the rows that it is done to."},
		{Name: creatorColumn, Aliases: []string{"spec.creator.username"}, Description: "Whom it acts as.", Searched: true},
		{Name: "total", Kind: index.Number, Description: "How many items there are."},
		{Name: "pending", Kind: index.Number, Description: "How many items are still to be done."},
		{Name: "sent", Kind: index.Number, Description: "How many items are being done."},
		{Name: "succeeded", Kind: index.Number, Description: "How many items were done."},
		{Name: "skipped", Kind: index.Number, Description: "How many items could not be done as they were."},
		{Name: "failed", Kind: index.Number, Description: "How many items were refused or not reached."},
		{Name: "unknown", Kind: index.Number, Description: "Of how many items nobody heard what became of them."},
	},
	Join: index.JoinOne("bulk operation", rowOf),
}

// Row is what a row shows of an operation besides its columns.
type Row struct {
	Spec   RowSpec   `json:"spec"`
	Status RowStatus `json:"status"`
}

// RowSpec is what is to be done. Of the creator there is the name alone: his groups are nobody's business.
type RowSpec struct {
	Type     string               `json:"type"`
	Action   string               `json:"action"`
	Creator  RowCreator           `json:"creator"`
	Selector fleetv1.BulkSelector `json:"selector"`
	WaveSize int32                `json:"waveSize,omitempty"`
	Failures fleetv1.BulkFailures `json:"failures"`
	Mode     fleetv1.BulkMode     `json:"mode,omitempty"`
}

// RowCreator is whom an operation acts as.
type RowCreator struct {
	Username string `json:"username"`
}

// RowStatus is what was done. An item has what a person reads, and not by what it is known again.
type RowStatus struct {
	Phase   fleetv1.BulkPhase  `json:"phase,omitempty"`
	Message string             `json:"message,omitempty"`
	Counts  fleetv1.BulkCounts `json:"counts"`
	Items   []RowItem          `json:"items,omitempty"`
}

// RowItem is one object of an operation.
type RowItem struct {
	ID      string                `json:"id"`
	State   fleetv1.BulkItemState `json:"state"`
	Check   fleetv1.BulkCheck     `json:"check,omitempty"`
	Message string                `json:"message,omitempty"`
}

// keptOperation is what is kept of an operation.
type keptOperation struct {
	index.Meta
	Row
}

func keep(op *fleetv1.BulkOperation) *keptOperation {
	row := Row{
		Spec: RowSpec{
			Type: op.Spec.Type, Action: op.Spec.Action, Creator: RowCreator{op.Spec.Creator.Username}, Selector: op.Spec.Selector,
			WaveSize: op.Spec.WaveSize, Failures: op.Spec.Failures, Mode: op.Spec.Mode,
		},
		Status: RowStatus{Phase: op.Status.Phase, Message: op.Status.Message, Counts: op.Status.Counts},
	}
	if row.Status.Phase == "" {
		row.Status.Phase = fleetv1.BulkPending
	}
	for _, item := range op.Status.Items {
		row.Status.Items = append(row.Status.Items, RowItem{ID: item.ID, State: item.State, Check: item.Check, Message: item.Message})
	}
	return &keptOperation{Meta: index.MetaOf(&op.ObjectMeta), Row: row}
}

func rowOf(k *keptOperation) index.Row {
	status := k.Status
	state := index.State{Error: status.Phase == fleetv1.BulkFailed, Transitioning: !ended(status.Phase), Message: status.Message}
	row := k.Meta.Row(string(status.Phase), state, map[string]any{
		"action": k.Spec.Action, "about": k.Spec.Type, creatorColumn: k.Spec.Creator.Username,
		"total": int64(status.Counts.Total), "pending": int64(status.Counts.Pending), "sent": int64(status.Counts.Sent),
		"succeeded": int64(status.Counts.Succeeded), "skipped": int64(status.Counts.Skipped),
		"failed": int64(status.Counts.Failed), "unknown": int64(status.Counts.Unknown),
	})
	row.Shown = map[string]any{"spec": k.Spec, "status": status}
	return row
}
