package admission

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/quota"
)

// snapshotFits refuses a snapshot that the namespace, or a machine that has the volume, has no room for.
func (s site) snapshotFits(ctx context.Context, r admission.Request[*csi.VolumeSnapshot]) error {
	if r.Old != nil {
		return nil // what is there stays, also when the limit came later
	}
	limits := &harvesterv1.ResourceQuota{}
	key := client.ObjectKey{Namespace: r.Object.Namespace, Name: harvesterv1.ResourceQuotaName}
	if err := s.direct.Get(ctx, key, limits); err != nil {
		return client.IgnoreNotFound(err)
	}
	limit := limits.Spec.SnapshotLimit
	if limit.NamespaceTotalSnapshotSizeQuota == 0 && len(limit.VMTotalSnapshotSizeQuota) == 0 {
		return nil
	}
	claims, err := quota.Claims(ctx, s.direct, r.Object.Namespace)
	if err != nil {
		return err
	}
	snapshots := &csi.VolumeSnapshotList{}
	if err := s.direct.List(ctx, snapshots, client.InNamespace(r.Object.Namespace)); err != nil {
		return fmt.Errorf("list snapshots: %w", err)
	}
	return refuse(r.Object, quota.Room(limit, quota.UseOf(snapshots.Items, claims), wish(r.Object, claims)))
}

// wish is what a snapshot would take: what its volume does, whatever the client says.
func wish(snapshot *csi.VolumeSnapshot, claims map[string]*corev1.PersistentVolumeClaim) quota.Wish {
	name := quota.ClaimOf(snapshot)
	return quota.Wish{
		Namespace: snapshot.Namespace, Claim: name,
		Machines: quota.MachinesOf(claims[name]), Size: quota.SizeOf(&csi.VolumeSnapshot{}, claims[name]),
	}
}

// refuse is Kubernetes' own answer to what exceeds a quota, a 403, with a sentence; nil for none.
func refuse(snapshot *csi.VolumeSnapshot, sentence string) error {
	if sentence == "" {
		return nil
	}
	refusal := apierrors.NewForbidden(csi.VolumeSnapshots.GroupResource(), snapshot.Name, errors.New("exceeded quota"))
	refusal.ErrStatus.Message = sentence
	return refusal
}
