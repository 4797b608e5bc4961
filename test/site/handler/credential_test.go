package handler

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// door is a machine that remembers who may come in.
type door struct {
	*simulated

	told  []credentials
	wrong error
}

func (d *door) admit(_ context.Context, c credentials) error {
	d.told = append(d.told, c)
	return d.wrong
}

func secretOf(name string, data map[string]string) *corev1.Secret {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}, Data: map[string][]byte{}}
	for key, value := range data {
		secret.Data[key] = []byte(value)
	}
	return secret
}

func sshBy(secret string, way kubevirtv1.SSHPublicKeyAccessCredentialPropagationMethod) kubevirtv1.AccessCredential {
	return kubevirtv1.AccessCredential{SSHPublicKey: &kubevirtv1.SSHPublicKeyAccessCredential{
		Source:            kubevirtv1.SSHPublicKeyAccessCredentialSource{Secret: &kubevirtv1.AccessCredentialSecretSource{SecretName: secret}},
		PropagationMethod: way,
	}}
}

func agentFor(users ...string) kubevirtv1.SSHPublicKeyAccessCredentialPropagationMethod {
	return kubevirtv1.SSHPublicKeyAccessCredentialPropagationMethod{
		QemuGuestAgent: &kubevirtv1.QemuGuestAgentSSHPublicKeyAccessCredentialPropagation{Users: users},
	}
}

func passwordsIn(secret string) kubevirtv1.AccessCredential {
	return kubevirtv1.AccessCredential{UserPassword: &kubevirtv1.UserPasswordAccessCredential{
		Source: kubevirtv1.UserPasswordAccessCredentialSource{Secret: &kubevirtv1.AccessCredentialSecretSource{SecretName: secret}},
		PropagationMethod: kubevirtv1.UserPasswordAccessCredentialPropagationMethod{
			QemuGuestAgent: &kubevirtv1.QemuGuestAgentUserPasswordAccessCredentialPropagation{},
		},
	}}
}

func TestCredentialsOf(t *testing.T) {
	vmi := testVMI(func(v *kubevirtv1.VirtualMachineInstance) {
		v.Spec.AccessCredentials = []kubevirtv1.AccessCredential{
			sshBy("team", agentFor("root", "croft")), sshBy("mine", agentFor("croft")), passwordsIn("words"),
			sshBy("seed", kubevirtv1.SSHPublicKeyAccessCredentialPropagationMethod{NoCloud: &kubevirtv1.NoCloudSSHPublicKeyAccessCredentialPropagation{}}),
		}
	})
	got := credentialsOf(vmi, map[string]*corev1.Secret{
		"team":  secretOf("team", map[string]string{"b": "key b\n", "a": "key a1\n\nkey a2"}),
		"mine":  secretOf("mine", map[string]string{"key": "key me"}),
		"words": secretOf("words", map[string]string{"croft": "open\n"}),
	})
	want := credentials{
		keys:      map[string][]string{"root": {"key a1", "key a2", "key b"}, "croft": {"key a1", "key a2", "key b", "key me"}},
		passwords: map[string]string{"croft": "open"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(credentials{})); diff != "" {
		t.Errorf("each user has the keys of all secrets that name him: -want +got:\n%s", diff)
	}
}

func TestCredentials(t *testing.T) {
	vmi := simulatedVMI(func(v *kubevirtv1.VirtualMachineInstance) {
		v.Spec.AccessCredentials = []kubevirtv1.AccessCredential{passwordsIn("words")}
	})
	h := newTestHandler(t, vmi)
	at := &door{simulated: &simulated{}}
	steps := []struct {
		reason string
		words  *corev1.Secret
		agent  *agentInfo
		wrong  error
		told   int
		status corev1.ConditionStatus
		says   string
	}{
		{"nobody can be told before the agent runs", secretOf("words", map[string]string{"croft": "one"}), nil, nil, 0, corev1.ConditionFalse, "Guest agent is offline"},
		{"it is told what the secret says", nil, &agentInfo{}, nil, 1, corev1.ConditionTrue, ""},
		{"and no more while that stays the same", nil, &agentInfo{}, nil, 1, corev1.ConditionTrue, ""},
		{"a change is told, and what the guest says to it", secretOf("words", map[string]string{"ada": "two"}), &agentInfo{}, errors.New("no ada"), 2, corev1.ConditionFalse, "no ada"},
		{"it is tried again", nil, &agentInfo{}, nil, 3, corev1.ConditionTrue, ""},
	}
	for _, step := range steps {
		if step.words != nil {
			_ = h.site.Client.Delete(t.Context(), step.words.DeepCopy())
			if err := h.site.Client.Create(t.Context(), step.words); err != nil {
				t.Fatal(err)
			}
		}
		at.wrong = step.wrong
		requireSynchronized(t, h, vmi, at, step.agent, step.status, step.says, step.reason)
		if len(at.told) != step.told {
			t.Errorf("%s: want it told %d times, got %d", step.reason, step.told, len(at.told))
		}
	}
	if err := h.site.Client.Delete(t.Context(), secretOf("words", nil)); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	requireSynchronized(t, h, vmi, at, &agentInfo{}, corev1.ConditionFalse, "secret words does not exist", "a secret that is gone is named")
}

// requireSynchronized looks at a machine's credentials once.
func requireSynchronized(
	t *testing.T, h *handler, vmi *kubevirtv1.VirtualMachineInstance, at domain, agent *agentInfo, status corev1.ConditionStatus, says, reason string,
) {
	t.Helper()
	if known, err := h.credentials(t.Context(), vmi, at, agent); err != nil || !known {
		t.Fatalf("%s: %v %v", reason, known, err)
	}
	i := indexOf(vmi, kubevirtv1.VirtualMachineInstanceAccessCredentialsSynchronized)
	if i < 0 || vmi.Status.Conditions[i].Status != status || vmi.Status.Conditions[i].Message != says {
		t.Errorf("%s: want %s %q, got %+v", reason, status, says, vmi.Status.Conditions)
	}
}

// TestKeysBySeed reads the keys that travel by cloud-init, on the way that each is to go.
func TestKeysBySeed(t *testing.T) {
	vmi := testVMI(func(v *kubevirtv1.VirtualMachineInstance) {
		v.Spec.AccessCredentials = []kubevirtv1.AccessCredential{
			sshBy("agent", agentFor("croft")),
			sshBy("cloud", kubevirtv1.SSHPublicKeyAccessCredentialPropagationMethod{NoCloud: &kubevirtv1.NoCloudSSHPublicKeyAccessCredentialPropagation{}}),
			sshBy("drive", kubevirtv1.SSHPublicKeyAccessCredentialPropagationMethod{ConfigDrive: &kubevirtv1.ConfigDriveSSHPublicKeyAccessCredentialPropagation{}}),
		}
	})
	h := newTestHandler(t, vmi, secretOf("agent", map[string]string{"k": "key agent"}),
		secretOf("cloud", map[string]string{"k": "key cloud"}), secretOf("drive", map[string]string{"k": "key drive"}))
	for name, tc := range map[string]struct {
		reason string
		drive  bool
		want   string
	}{
		"NoCloud":     {"a NoCloud disc has those for it", false, `{"hostname":"web","instance-id":"web.default","local-hostname":"web","public-keys":{"0":"key cloud"}}`},
		"ConfigDrive": {"and a ConfigDrive those for it, under its own word", true, `{"hostname":"web","instance-id":"web.default","local-hostname":"web","public_keys":{"0":"key drive"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := h.cloudInit(t.Context(), vmi, cloudInitSource{configDrive: tc.drive})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(got.MetaData)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
