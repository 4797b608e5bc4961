package handler

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/guest"
)

// sysprepLabel is the volume label by which virt-launcher writes such a disc.
const sysprepLabel = "unattendCD"

// writeSysprep makes the discs that Windows is set up from at their paths: the
// files of a ConfigMap or a Secret.
func (h *handler) writeSysprep(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, files sources) error {
	for _, v := range vmi.Spec.Volumes {
		if v.Sysprep == nil {
			continue
		}
		content, err := h.sysprep(ctx, vmi.Namespace, v.Sysprep)
		if err != nil {
			return fmt.Errorf("volume %s: %w", v.Name, err)
		}
		if err := guest.WriteISO(files[v.Name], sysprepLabel, content); err != nil {
			return fmt.Errorf("volume %s: %w", v.Name, err)
		}
	}
	return nil
}

func (h *handler) sysprep(ctx context.Context, namespace string, from *kubevirtv1.SysprepSource) (map[string][]byte, error) {
	if from.Secret != nil {
		secret := &corev1.Secret{}
		err := h.site.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: from.Secret.Name}, secret)
		return secret.Data, err
	}
	content := map[string][]byte{}
	if from.ConfigMap == nil {
		return content, nil
	}
	config := &corev1.ConfigMap{}
	err := h.site.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: from.ConfigMap.Name}, config)
	for name, text := range config.Data {
		content[name] = []byte(text)
	}
	return content, err
}
