package csi

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
)

// The kinds of volume snapshots, so that nobody else has to import them.
type (
	// VolumeSnapshot is what somebody asks to be kept of a claim.
	VolumeSnapshot = snapshotv1.VolumeSnapshot
	// VolumeSnapshotList is a list of VolumeSnapshot.
	VolumeSnapshotList = snapshotv1.VolumeSnapshotList
	// VolumeSnapshotStatus is how far a snapshot has come.
	VolumeSnapshotStatus = snapshotv1.VolumeSnapshotStatus
	// VolumeSnapshotError is why a snapshot has not come further.
	VolumeSnapshotError = snapshotv1.VolumeSnapshotError
	// VolumeSnapshotClass is how a driver takes snapshots.
	VolumeSnapshotClass = snapshotv1.VolumeSnapshotClass
	// VolumeSnapshotClassList is a list of VolumeSnapshotClass.
	VolumeSnapshotClassList = snapshotv1.VolumeSnapshotClassList
)

// GroupVersion is where the kinds of snapshots are served.
var GroupVersion = snapshotv1.SchemeGroupVersion

// Kinds by their full name.
var (
	VolumeSnapshotKind      = GroupVersion.WithKind("VolumeSnapshot")
	VolumeSnapshotClassKind = GroupVersion.WithKind("VolumeSnapshotClass")
)

// VolumeSnapshots as they stand in a URL and in RBAC rules.
var VolumeSnapshots = GroupVersion.WithResource("volumesnapshots")

// AddToScheme teaches a scheme the kinds of snapshots.
var AddToScheme = snapshotv1.AddToScheme

// annotationProvisioner is how Kubernetes calls the driver that is to make a claim's volume. Older clusters have the
// second one alone.
const (
	annotationProvisioner      = "volume.kubernetes.io/storage-provisioner"
	annotationProvisionerOlder = "volume.beta.kubernetes.io/storage-provisioner"
)

// annotationDefaultSnapshotClass marks the snapshot class that a driver's snapshots have when they name none.
const annotationDefaultSnapshotClass = "snapshot.storage.kubernetes.io/is-default-class"
