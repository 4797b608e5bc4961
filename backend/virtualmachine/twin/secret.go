package twin

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/pkg/kubevirt"
)

// secrets gives the twin secrets of other names, and writes down which those are copies of. A secret is mostly owned by
// its machine and goes with it.
func secrets(spec *kubevirt.VirtualMachineInstanceSpec, copies map[string]string, wish Wish) {
	for _, name := range secretsOf(spec) {
		if copies[*name] == "" {
			copies[*name] = fmt.Sprintf("%s-secret-%s", wish.Name, wish.Suffix())
		}
		*name = copies[*name]
	}
}

// secretsOf are the places where a machine names the secrets that it is set up from: cloud-init, sysprep, passwords and
// keys.
func secretsOf(spec *kubevirt.VirtualMachineInstanceSpec) []*string {
	var names []*string
	for i := range spec.Volumes {
		volume := &spec.Volumes[i]
		if from := volume.CloudInitNoCloud; from != nil {
			names = append(names, referred(from.UserDataSecretRef, from.NetworkDataSecretRef)...)
		}
		if from := volume.CloudInitConfigDrive; from != nil {
			names = append(names, referred(from.UserDataSecretRef, from.NetworkDataSecretRef)...)
		}
		if from := volume.Sysprep; from != nil {
			names = append(names, referred(from.Secret)...)
		}
	}
	for i := range spec.AccessCredentials {
		credential := &spec.AccessCredentials[i]
		if credential.SSHPublicKey != nil && credential.SSHPublicKey.Source.Secret != nil {
			names = append(names, &credential.SSHPublicKey.Source.Secret.SecretName)
		}
		if credential.UserPassword != nil && credential.UserPassword.Source.Secret != nil {
			names = append(names, &credential.UserPassword.Source.Secret.SecretName)
		}
	}
	return names
}

func referred(references ...*corev1.LocalObjectReference) []*string {
	var names []*string
	for _, reference := range references {
		if reference != nil {
			names = append(names, &reference.Name)
		}
	}
	return names
}
