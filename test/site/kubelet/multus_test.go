package kubelet

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestJoinedOf(t *testing.T) {
	for reason, test := range map[string]struct{ wanted, want string }{
		"a machine's pod is on what it asks for": {
			`[{"name":"vlan-7","namespace":"net","interface":"pod1"},{"name":"lan","interface":"pod2"}]`,
			`[{"default":true,"dns":{},"interface":"eth0","name":"site"},{"dns":{},"interface":"pod1","name":"net/vlan-7"},` +
				`{"dns":{},"interface":"pod2","name":"default/lan"}]`,
		},
		"another way to ask is nobody's here": {`net/vlan-7`, ""},
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Annotations: map[string]string{networksWanted: test.wanted}}}
		if got, err := joinedOf(pod); err != nil || got != test.want {
			t.Errorf("%s: %s, %v, want %s", reason, got, err, test.want)
		}
	}
}
