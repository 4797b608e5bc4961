package kubelet

import (
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/google/go-cmp/cmp"
)

var (
	now     = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	host    = netip.MustParseAddr("127.21.0.1")
	address = netip.MustParseAddr("127.21.128.1")
)

func conditionOf(s corev1.PodStatus, kind corev1.PodConditionType) corev1.ConditionStatus {
	for _, c := range s.Conditions {
		if c.Type == kind {
			return c.Status
		}
	}
	return ""
}

func TestRunning(t *testing.T) {
	gate := corev1.PodReadinessGate{ConditionType: "kubevirt.io/virtual-machine-unpaused"}
	for reason, test := range map[string]struct {
		pod   corev1.Pod
		ip    string
		ready corev1.ConditionStatus
	}{
		"a pod has its own address and is ready": {ip: "127.21.128.1", ready: corev1.ConditionTrue},
		"a pod on the host's network has the host's": {
			pod: corev1.Pod{Spec: corev1.PodSpec{HostNetwork: true}}, ip: "127.21.0.1", ready: corev1.ConditionTrue,
		},
		"a readiness gate that nobody opened keeps it unready": {
			pod: corev1.Pod{Spec: corev1.PodSpec{ReadinessGates: []corev1.PodReadinessGate{gate}}},
			ip:  "127.21.128.1", ready: corev1.ConditionFalse,
		},
		"an open gate does not": {
			pod: corev1.Pod{
				Spec:   corev1.PodSpec{ReadinessGates: []corev1.PodReadinessGate{gate}},
				Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: gate.ConditionType, Status: corev1.ConditionTrue}}},
			},
			ip: "127.21.128.1", ready: corev1.ConditionTrue,
		},
	} {
		test.pod.Spec.Containers = []corev1.Container{{Name: "compute"}}
		got := Running(&test.pod, host, address, now)
		if got.Phase != corev1.PodRunning || got.PodIP != test.ip || conditionOf(got, corev1.PodReady) != test.ready {
			t.Errorf("%s: %s at %s, ready %s", reason, got.Phase, got.PodIP, conditionOf(got, corev1.PodReady))
		}
		if c := got.ContainerStatuses; len(c) != 1 || c[0].State.Running == nil || !c[0].Ready {
			t.Errorf("%s: containers %+v", reason, c)
		}
		test.pod.Status = got
		if diff := cmp.Diff(got, Running(&test.pod, host, address, now.Add(time.Hour))); diff != "" {
			t.Errorf("%s: a second look changed the status (-before +after):\n%s", reason, diff)
		}
	}
}

func TestEnded(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	pod := &corev1.Pod{Spec: corev1.PodSpec{
		InitContainers: []corev1.Container{{Name: "init"}, {Name: "sidecar", RestartPolicy: &always}},
		Containers:     []corev1.Container{{Name: "compute"}},
	}}
	pod.Status = Running(pod, host, address, now)
	for reason, test := range map[string]struct {
		code  int32
		phase corev1.PodPhase
	}{
		"status 0 is a success":   {0, corev1.PodSucceeded},
		"anything else a failure": {2, corev1.PodFailed},
	} {
		got := Ended(pod, test.code, "the last word", now.Add(time.Minute))
		if got.Phase != test.phase {
			t.Errorf("%s: %s", reason, got.Phase)
		}
		last := got.ContainerStatuses[0].State.Terminated
		if last == nil || last.ExitCode != test.code || last.Message != "the last word" {
			t.Errorf("%s: container %+v", reason, got.ContainerStatuses[0].State)
		}
		if side := got.InitContainerStatuses[1].State.Terminated; side == nil {
			t.Errorf("%s: the sidecar still runs", reason)
		}
		if first := got.InitContainerStatuses[0].State.Terminated; first == nil || first.ExitCode != 0 {
			t.Errorf("%s: the init container ended as %+v", reason, first)
		}
	}
}

func TestExit(t *testing.T) {
	started := metav1.NewTime(now.Add(-2 * time.Second))
	for reason, test := range map[string]struct {
		annotations map[string]string
		code        int32
		left        time.Duration
		ends        bool
	}{
		"without annotation a pod runs for ever": {},
		"it ends some time after its start": {
			annotations: map[string]string{ExitAfter: "3s"}, left: time.Second, ends: true,
		},
		"with the status asked for": {
			annotations: map[string]string{ExitAfter: "1s", ExitCode: "7"}, code: 7, left: -time.Second, ends: true,
		},
		"nonsense is no order": {annotations: map[string]string{ExitAfter: "soon"}},
	} {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: test.annotations}, Status: corev1.PodStatus{StartTime: ptr.To(started)}}
		code, left, ends := exit(pod, now)
		if code != test.code || left != test.left || ends != test.ends {
			t.Errorf("%s: %d in %s, %v", reason, code, left, ends)
		}
	}
}
