package setting

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// The sentences of a backup target that cannot be used. Clients know the first.
const (
	noTarget   = "backup-target setting is not set"
	targetKept = "backup-target is kept for clients that read it: this release of Croft makes no backups yet, and asks no target."
)

// backupTarget answers whether backups can be made: 400 with the reason. The setting holds credentials, so only who may
// read it is told whether there is one.
func backupTarget(ctx context.Context, caller capability.Caller, _ capability.Call, _ struct{}) (any, error) {
	object := &harvesterv1.Setting{}
	err := caller.Client.Get(ctx, client.ObjectKey{Name: harvesterv1.SettingBackupTarget}, object)
	if client.IgnoreNotFound(err) != nil {
		return nil, err
	}
	if object.Effective() == "" {
		return nil, apierrors.NewBadRequest(noTarget)
	}
	return nil, apierrors.NewBadRequest(targetKept)
}
