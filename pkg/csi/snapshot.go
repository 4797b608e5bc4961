package csi

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// Take is a snapshot of a claim of a namespace. Without a class it is the driver's default one that takes it.
func Take(namespace, claim, name, class string, annotations map[string]string) *VolumeSnapshot {
	snapshot := &VolumeSnapshot{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Annotations: annotations}}
	snapshot.Spec.Source.PersistentVolumeClaimName = &claim
	if class != "" {
		snapshot.Spec.VolumeSnapshotClassName = &class
	}
	return snapshot
}

// SnapshotState is how far a snapshot has come.
type SnapshotState struct {
	// Ready says that volumes can be made of it.
	Ready bool
	// Problem is the driver's own sentence about what went wrong, "" when nothing did. The driver goes on trying.
	Problem string
}

// SnapshotStateOf reads a snapshot's status.
func SnapshotStateOf(snapshot *VolumeSnapshot) SnapshotState {
	status := snapshot.Status
	if status == nil {
		return SnapshotState{}
	}
	if ptr.Deref(status.ReadyToUse, false) {
		return SnapshotState{Ready: true}
	}
	if status.Error != nil {
		return SnapshotState{Problem: ptr.Deref(status.Error.Message, "the driver gave no reason")}
	}
	return SnapshotState{}
}

// SnapshotClassOf chooses a driver's snapshot class among those of a site: its default one, "" when it has none.
func SnapshotClassOf(driver string, classes []VolumeSnapshotClass) string {
	for i := range classes {
		if classes[i].Driver == driver && classes[i].Annotations[annotationDefaultSnapshotClass] == "true" {
			return classes[i].Name
		}
	}
	return ""
}
