package admission

import (
	"cmp"
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"crofthci.io/croft/backend/setting/entrust"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// keysGiven asks for the credentials of a backup target again when it moves to another server: those that the secret keeps
// are not told to it.
func (s site) keysGiven(ctx context.Context, r request) error {
	if r.Object.Name != harvesterv1.SettingBackupTarget || r.Old == nil || r.Old.Value == r.Object.Value {
		return nil
	}
	secret := &corev1.Secret{}
	err := s.direct.Get(ctx, types.NamespacedName{Namespace: s.targetNamespace, Name: entrust.SecretName}, secret)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for which server the credentials of the backup target are: %w", err)
	}
	of, missing := entrust.Missing(r.Object.Value, secret.Data)
	if !missing {
		return nil
	}
	return apierrors.NewInvalid(harvesterv1.SettingKind.GroupKind(), r.Object.Name, field.ErrorList{
		field.Required(field.NewPath("value"), fmt.Sprintf(
			"accessKeyId and secretAccessKey of the new endpoint: those that are kept were given for %s, and no other server is told them",
			cmp.Or(of, "Amazon's own"))),
	})
}
