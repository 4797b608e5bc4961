package virtualmachine

import (
	"context"

	"crofthci.io/croft/backend/capability"
)

// BackupInput says how a machine is to be backed up.
type BackupInput struct {
	// Name is the backup's.
	Name string `json:"name"`
	// FSFreezeDeadline is how many seconds the guest's file systems may stand still; 0 leaves it to the site.
	FSFreezeDeadline int64 `json:"fsFreezeDeadline,omitempty"`
}

// SnapshotInput says how a snapshot is to be taken.
type SnapshotInput struct {
	// Name is the snapshot's.
	Name string `json:"name"`
}

// RestoreInput says what a machine is to be restored from.
type RestoreInput struct {
	// Name is the restoration's.
	Name string `json:"name"`
	// BackupName is the backup or snapshot to go back to, in the machine's namespace.
	BackupName string `json:"backupName"`
	// KeepMacAddress has the restored machine keep the hardware addresses that its network cards had.
	KeepMacAddress bool `json:"keepMacAddress,omitempty"`
	// HaltAfterRestore leaves the machine off when it is restored.
	HaltAfterRestore bool `json:"haltAfterRestore,omitempty"`
}

// The sentences of what a site cannot do yet. Clients find the actions, and people why they are disabled.
const (
	noBackups   = "This release of Croft makes no backups of machines yet; a later one does."
	noSnapshots = "This release of Croft takes no snapshots of machines yet; a later one does."
	noRestore   = "This release of Croft restores no machines yet; a later one does."
)

// yet is an action that a client may know, and that no machine can do in this release.
func yet[I any](name, sentence string) capability.Action {
	return capability.With(name,
		func(Machine) string { return sentence },
		func(context.Context, capability.Caller, Machine, I) error { return refusal("%s", sentence) })
}
