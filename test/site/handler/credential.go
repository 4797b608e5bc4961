package handler

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// credentials are what virt-launcher has a guest's agent let users in by.
type credentials struct {
	// keys are SSH keys by user.
	keys map[string][]string
	// passwords by user.
	passwords map[string]string
}

// byAgent is the secret of an access credential that travels by the guest's
// agent, "" for one that does not.
func byAgent(c kubevirtv1.AccessCredential) string {
	switch {
	case c.SSHPublicKey != nil && c.SSHPublicKey.PropagationMethod.QemuGuestAgent != nil && c.SSHPublicKey.Source.Secret != nil:
		return c.SSHPublicKey.Source.Secret.SecretName
	case c.UserPassword != nil && c.UserPassword.PropagationMethod.QemuGuestAgent != nil && c.UserPassword.Source.Secret != nil:
		return c.UserPassword.Source.Secret.SecretName
	}
	return ""
}

// credentialsOf reads a machine's access credentials out of their secrets: the
// keys of one user are those of all its secrets together.
func credentialsOf(vmi *kubevirtv1.VirtualMachineInstance, secrets map[string]*corev1.Secret) credentials {
	read := credentials{keys: map[string][]string{}, passwords: map[string]string{}}
	for _, c := range vmi.Spec.AccessCredentials {
		name := byAgent(c)
		if name == "" {
			continue
		}
		if c.SSHPublicKey == nil {
			for user, password := range secrets[name].Data {
				read.passwords[user] = strings.TrimSpace(string(password))
			}
			continue
		}
		for _, user := range c.SSHPublicKey.PropagationMethod.QemuGuestAgent.Users {
			read.keys[user] = append(read.keys[user], keysIn(secrets[name])...)
		}
	}
	return read
}

// keysIn are the SSH keys in a secret, one on a line, whatever they are called.
func keysIn(secret *corev1.Secret) []string {
	var keys []string
	for _, name := range slices.Sorted(maps.Keys(secret.Data)) {
		for line := range strings.Lines(string(secret.Data[name])) {
			if line = strings.TrimSpace(line); line != "" {
				keys = append(keys, line)
			}
		}
	}
	return keys
}

// credentials has the guest let in whom the machine's secrets say now, and
// writes into the status what came of it, in KubeVirt's words. It says whether
// there are any: secrets change without a word to the machine.
func (h *handler) credentials(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, dom domain, agent *agentInfo) (bool, error) {
	secrets := map[string]*corev1.Secret{}
	for _, c := range vmi.Spec.AccessCredentials {
		if name := byAgent(c); name != "" {
			secrets[name] = nil
		}
	}
	if len(secrets) == 0 {
		return false, nil
	}
	if agent == nil {
		h.admitted.Delete(vmi.UID) // it may have forgotten
		h.synchronized(vmi, "Guest agent is offline")
		return true, nil
	}
	for name := range secrets {
		secret := &corev1.Secret{}
		if err := h.site.Client.Get(ctx, types.NamespacedName{Namespace: vmi.Namespace, Name: name}, secret); client.IgnoreNotFound(err) != nil {
			return true, err
		} else if err != nil {
			h.synchronized(vmi, fmt.Sprintf("secret %s does not exist", name))
			return true, nil
		}
		secrets[name] = secret
	}
	wanted := credentialsOf(vmi, secrets)
	if !h.news(vmi, wanted) {
		return true, nil
	}
	if err := dom.admit(ctx, wanted); err != nil {
		h.admitted.Delete(vmi.UID)
		h.synchronized(vmi, err.Error())
		return true, nil
	}
	h.synchronized(vmi, "")
	return true, nil
}

// news says whether the guest was told something else before, or nothing.
func (h *handler) news(vmi *kubevirtv1.VirtualMachineInstance, c credentials) bool {
	text, err := json.Marshal([]any{c.keys, c.passwords})
	if err != nil {
		return true // maps of strings always marshal
	}
	sum := sha256.Sum256(text)
	before, _ := h.admitted.Swap(vmi.UID, sum)
	return before != sum
}

// synchronized writes what is in the way of the access credentials, "" for
// nothing.
func (h *handler) synchronized(vmi *kubevirtv1.VirtualMachineInstance, trouble string) {
	kind, status := kubevirtv1.VirtualMachineInstanceAccessCredentialsSynchronized, corev1.ConditionTrue
	event, reason, note := corev1.EventTypeNormal, kubevirtv1.AccessCredentialsSyncSuccess, "Access credentials sync successful."
	if trouble != "" {
		status = corev1.ConditionFalse
		event, reason, note = corev1.EventTypeWarning, kubevirtv1.AccessCredentialsSyncFailed, "Access credentials sync failed: "+trouble
	}
	at := indexOf(vmi, kind)
	if at < 0 || vmi.Status.Conditions[at].Status != status || vmi.Status.Conditions[at].Message != trouble {
		h.events.Event(vmi, event, string(reason), note)
	}
	set(vmi, condition(kind, status, "", trouble), time.Now())
}
