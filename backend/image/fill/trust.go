package fill

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/outside"
)

// Authorities is the config map, beside the images of a namespace, with the authorities that downloads there believe beside
// the system's: CDI looks for them nowhere else. It goes with the last image that was downloaded with it. Every namespace
// has it under the same name, so that the controller need not be allowed to write any other.
const Authorities = "croft-additional-ca"

// trust writes what the setting additional-ca says to where CDI reads it, and answers the name of the config map, "" when
// there is nothing to believe beside the system's authorities.
func (c *Controller) trust(ctx context.Context, image *image) (string, error) {
	way, err := outside.Find(ctx, c.Live)
	if err != nil || way.Authorities == "" {
		return "", err
	}
	written := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: image.Namespace, Name: Authorities}}
	err = c.Live.Get(ctx, client.ObjectKeyFromObject(written), written)
	missing := apierrors.IsNotFound(err)
	if err != nil && !missing {
		return "", fmt.Errorf("read which authorities are believed in %s: %w", image.Namespace, err)
	}
	if !believes(written, image, way.Authorities) {
		return Authorities, nil
	}
	if missing {
		err = c.Client.Create(ctx, written)
	} else {
		err = c.Client.Update(ctx, written)
	}
	if err != nil {
		return "", fmt.Errorf("write which authorities are believed in %s: %w", image.Namespace, err)
	}
	return Authorities, nil
}

// believes has the config map say what it should, and belong to the image as well; false when it did already.
func believes(written *corev1.ConfigMap, image *image, authorities string) (changed bool) {
	if written.Data[cdi.AuthoritiesKey] != authorities || len(written.Data) != 1 {
		written.Data, changed = map[string]string{cdi.AuthoritiesKey: authorities}, true
	}
	for _, owner := range written.OwnerReferences {
		if owner.UID == image.UID {
			return changed
		}
	}
	written.OwnerReferences = append(written.OwnerReferences, metav1.OwnerReference{
		APIVersion: harvesterv1.GroupVersion.String(), Kind: harvesterv1.VirtualMachineImageKind.Kind, Name: image.Name, UID: image.UID,
	})
	return true
}
