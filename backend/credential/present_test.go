package credential

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// owner is a service account of a UID.
func owner(uid types.UID) *corev1.ServiceAccount {
	made := account(Input{Namespace: "tenant", ServiceAccountName: "guest"})
	made.UID = uid
	return made
}

func TestStrangeAccount(t *testing.T) {
	if sentence := strangeAccount(owner("a")); sentence != "" {
		t.Errorf("what was minted here is taken again: %s", sentence)
	}
	other := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "tenant", Name: "operator"}}
	if sentence := strangeAccount(other); !strings.Contains(sentence, "Service account operator in tenant was not made for a guest cluster") {
		t.Errorf("an account of another purpose may reach further: %q", sentence)
	}
}

func TestStrangeBinding(t *testing.T) {
	input := Input{ClusterRoleName: cloudProviderRole, CSIClusterRoleName: csiDriverRole}
	made := bindings(owner("a"), input)
	free := made[0].DeepCopy()
	free.OwnerReferences = nil
	widened := made[0].DeepCopy()
	widened.Subjects = append(widened.Subjects, widened.Subjects[0])
	cases := map[string]struct {
		reason  string
		present int
		of      types.UID
		says    string
	}{
		"Same":    {"what was minted before is taken again", 0, "a", ""},
		"Other":   {"the other role's binding is another", 1, "a", "binds something else"},
		"Earlier": {"what an account of the same name left goes", 0, "b", "Try again in a moment"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			requireSays(t, strangeBinding(made[tc.present], made[0], owner(tc.of)), tc.says, tc.reason)
		})
	}
	requireSays(t, strangeBinding(free, made[0], owner("a")), "does not belong to service account guest", "nobody's binding is not taken")
	requireSays(t, strangeBinding(widened, made[0], owner("a")), "binds something else", "a binding that somebody widened is not taken")
	if made[0].Name == made[1].Name {
		t.Error("each role has a binding of its own")
	}
}

func TestStrangeSecret(t *testing.T) {
	made := tokenSecret(owner("a"))
	requireSays(t, strangeSecret(made, owner("a")), "", "what was minted before is taken again")
	opaque := made.DeepCopy()
	opaque.Type = corev1.SecretTypeOpaque
	requireSays(t, strangeSecret(opaque, owner("a")), "is no token", "a secret of another type gets no token")
	other := made.DeepCopy()
	other.Annotations = map[string]string{corev1.ServiceAccountNameKey: "operator"}
	requireSays(t, strangeSecret(other, owner("a")), "is no token of service account guest", "another account's token is not handed out")
}

func requireSays(t *testing.T, got, want, reason string) {
	t.Helper()
	if want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("%s: want %q, got %q", reason, want, got)
	}
}
