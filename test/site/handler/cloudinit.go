package handler

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/guest"
)

// cloudInitSource is what KubeVirt's two kinds of cloud-init volume share.
type cloudInitSource struct {
	userSecret, networkSecret *corev1.LocalObjectReference
	user, user64, net, net64  string
	configDrive               bool
}

func sourceOf(v kubevirtv1.Volume) (cloudInitSource, bool) {
	if c := v.CloudInitNoCloud; c != nil {
		return cloudInitSource{
			c.UserDataSecretRef, c.NetworkDataSecretRef,
			c.UserData, c.UserDataBase64, c.NetworkData, c.NetworkDataBase64, false,
		}, true
	}
	if c := v.CloudInitConfigDrive; c != nil {
		return cloudInitSource{
			c.UserDataSecretRef, c.NetworkDataSecretRef,
			c.UserData, c.UserDataBase64, c.NetworkData, c.NetworkDataBase64, true,
		}, true
	}
	return cloudInitSource{}, false
}

// writeCloudInit makes the cloud-init disks of a machine at their paths.
func (h *handler) writeCloudInit(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, files sources) error {
	for _, v := range vmi.Spec.Volumes {
		source, is := sourceOf(v)
		if !is {
			continue
		}
		c, err := h.cloudInit(ctx, vmi, source)
		if err != nil {
			return fmt.Errorf("volume %s: %w", v.Name, err)
		}
		if err := c.WriteISO(files[v.Name]); err != nil {
			return fmt.Errorf("volume %s: %w", v.Name, err)
		}
	}
	return nil
}

func (h *handler) cloudInit(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, s cloudInitSource) (guest.CloudInit, error) {
	user, err := h.cloudData(ctx, vmi.Namespace, s.userSecret, []string{"userdata", "userData"}, s.user, s.user64)
	if err != nil {
		return guest.CloudInit{}, fmt.Errorf("user data: %w", err)
	}
	net, err := h.cloudData(ctx, vmi.Namespace, s.networkSecret, []string{"networkdata", "networkData"}, s.net, s.net64)
	if err != nil {
		return guest.CloudInit{}, fmt.Errorf("network data: %w", err)
	}
	keys, err := h.sshKeys(ctx, vmi, s.configDrive)
	if err != nil {
		return guest.CloudInit{}, err
	}
	meta, err := metaData(vmi, keys, s.configDrive)
	return guest.CloudInit{UserData: user, NetworkData: net, MetaData: meta, ConfigDrive: s.configDrive}, err
}

// cloudData is one part of cloud-init's data, from wherever the spec has it.
func (h *handler) cloudData(ctx context.Context, namespace string, ref *corev1.LocalObjectReference, keys []string, plain, encoded string) ([]byte, error) {
	switch {
	case ref != nil:
		secret := &corev1.Secret{}
		if err := h.site.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: ref.Name}, secret); err != nil {
			return nil, err
		}
		for _, key := range keys {
			if data, ok := secret.Data[key]; ok {
				return data, nil
			}
		}
		return nil, fmt.Errorf("secret %s has no key %s", ref.Name, keys[0])
	case encoded != "":
		return base64.StdEncoding.DecodeString(encoded)
	default:
		return []byte(plain), nil
	}
}

// sshKeys are those of the machine's access credentials that travel by one of
// cloud-init's two ways.
func (h *handler) sshKeys(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, configDrive bool) ([]string, error) {
	var keys []string
	for _, a := range vmi.Spec.AccessCredentials {
		k := a.SSHPublicKey
		if k == nil || k.Source.Secret == nil {
			continue
		}
		way := k.PropagationMethod
		if configDrive && way.ConfigDrive == nil || !configDrive && way.NoCloud == nil {
			continue
		}
		secret := &corev1.Secret{}
		if err := h.site.Client.Get(ctx, client.ObjectKey{Namespace: vmi.Namespace, Name: k.Source.Secret.SecretName}, secret); err != nil {
			return nil, fmt.Errorf("ssh keys: %w", err)
		}
		keys = append(keys, keysIn(secret)...)
	}
	return keys, nil
}

// metaData is what KubeVirt tells a guest about itself.
func metaData(vmi *kubevirtv1.VirtualMachineInstance, keys []string, configDrive bool) ([]byte, error) {
	word := "public-keys"
	if configDrive {
		word = "public_keys"
	}
	meta := map[string]any{
		"instance-id":    vmi.Name + "." + vmi.Namespace,
		"local-hostname": hostname(vmi),
		"hostname":       hostname(vmi),
	}
	if f := vmi.Spec.Domain.Firmware; f != nil && f.UUID != "" {
		meta["uuid"] = string(f.UUID)
	}
	if len(keys) > 0 {
		numbered := map[string]string{}
		for i, key := range keys {
			numbered[strconv.Itoa(i)] = key
		}
		meta[word] = numbered
	}
	return json.Marshal(meta)
}

// hostname is the name that the guest gives itself.
func hostname(vmi *kubevirtv1.VirtualMachineInstance) string {
	name := vmi.Spec.Hostname
	if name == "" {
		name = vmi.Name
	}
	name, _, _ = strings.Cut(name, ".")
	return name
}
