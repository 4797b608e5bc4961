package announce

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Words of the annotation harvesterhci.io/migrationState.
const (
	// StatePending says that the migration waits: for its turn, or for room.
	StatePending = "Pending migration"
	// StateMigrating says that it is on its way.
	StateMigrating = "Migrating"
	// StateAborting says that it is given up.
	StateAborting = "Aborting migration"
)

// notes are the annotations that are noted.
var notes = []string{
	harvesterv1.AnnotationMigrationState, harvesterv1.AnnotationMigrationUID, harvesterv1.AnnotationMigrationTarget,
}

// Noted are the annotations of an instance while a migration of it is under way, or without one (nil). Others stay.
func Noted(annotations map[string]string, migration *kubevirt.Migration) map[string]string {
	wanted := maps.Clone(annotations)
	if wanted == nil {
		wanted = map[string]string{}
	}
	for _, key := range notes {
		delete(wanted, key)
	}
	if migration == nil {
		return wanted
	}
	wanted[harvesterv1.AnnotationMigrationState] = stateOf(migration)
	wanted[harvesterv1.AnnotationMigrationUID] = string(migration.UID)
	if target := targetOf(migration); target != "" {
		wanted[harvesterv1.AnnotationMigrationTarget] = target
	}
	return wanted
}

// stateOf is how far a migration under way has come.
func stateOf(migration *kubevirt.Migration) string {
	switch {
	case migration.DeletionTimestamp != nil:
		return StateAborting
	case migration.TargetIsCreated():
		return StateMigrating
	default:
		return StatePending
	}
}

// targetOf is where a migration goes: the node that was asked for, or the one that it was given, "" before it has one.
func targetOf(migration *kubevirt.Migration) string {
	if asked := migration.Spec.AddedNodeSelector[corev1.LabelHostname]; asked != "" {
		return asked
	}
	if migration.Status.MigrationState != nil {
		return migration.Status.MigrationState.TargetNode
	}
	return ""
}

// isNoted says whether something is noted on an instance.
func isNoted(annotations map[string]string) bool {
	return slices.ContainsFunc(notes, func(key string) bool { _, noted := annotations[key]; return noted })
}

// underWay is the migration of an instance that has not ended, nil when there is none.
func underWay(all *kubevirt.MigrationList, name string) *kubevirt.Migration {
	for i := range all.Items {
		if migration := &all.Items[i]; migration.Spec.VMIName == name && !migration.IsFinal() {
			return migration
		}
	}
	return nil
}
