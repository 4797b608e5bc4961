package handler

import (
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/test/site/site"
)

var webKey = types.NamespacedName{Namespace: "default", Name: "web"}

// newTestHandler is a handler of three nodes on an API server in memory.
func newTestHandler(t *testing.T, objects ...client.Object) *handler {
	t.Helper()
	scheme, err := site.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&corev1.Pod{}).WithIndex(&corev1.Pod{}, podIndex, indexPod).Build()
	s, err := site.With(site.Options{
		Name: "site-1", Nodes: 3, Network: netip.MustParsePrefix("127.21.0.0/16"), Data: t.TempDir(),
	}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &handler{
		site: s, client: c, cache: c, events: record.NewFakeRecorder(1000), accel: "tcg",
		queue:   workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[types.NamespacedName]()),
		domains: newDomains(), consoles: newConsoles(),
	}
}

// simulatedVMI is a machine whose only disk is blank.
func simulatedVMI(change ...func(*kubevirtv1.VirtualMachineInstance)) *kubevirtv1.VirtualMachineInstance {
	return testVMI(append([]func(*kubevirtv1.VirtualMachineInstance){func(v *kubevirtv1.VirtualMachineInstance) {
		v.Spec.Volumes, v.Spec.Domain.Devices.Disks, v.Status.VolumeStatus = nil, nil, nil
	}}, change...)...)
}

func launcherPod(name, node string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "default", Name: name, UID: types.UID(name),
			Labels: map[string]string{kubevirtv1.AppLabel: "virt-launcher", kubevirtv1.CreatedByLabel: "uid-1"},
		},
		Spec:   corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "compute"}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
}

// until reconciles the machine until it is as wanted.
func (h *handler) until(t *testing.T, what string, done func(*kubevirtv1.VirtualMachineInstance) bool) *kubevirtv1.VirtualMachineInstance {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		again, err := h.reconcile(t.Context(), webKey)
		if err != nil {
			t.Fatalf("until %s: %v", what, err)
		}
		vmi := h.read(t)
		if done(vmi) {
			return vmi
		}
		if again > 0 {
			time.Sleep(min(again, 50*time.Millisecond))
		}
	}
	t.Fatalf("the machine is never %s: %+v", what, h.read(t).Status)
	return nil
}

func (h *handler) read(t *testing.T) *kubevirtv1.VirtualMachineInstance {
	t.Helper()
	vmi := &kubevirtv1.VirtualMachineInstance{}
	if err := h.site.Client.Get(t.Context(), webKey, vmi); err != nil {
		t.Fatal(err)
	}
	return vmi
}

func (h *handler) podPhase(t *testing.T, name string) corev1.PodPhase {
	t.Helper()
	pod := &corev1.Pod{}
	if err := h.site.Client.Get(t.Context(), client.ObjectKey{Namespace: "default", Name: name}, pod); err != nil {
		t.Fatal(err)
	}
	return pod.Status.Phase
}

func inPhase(phase kubevirtv1.VirtualMachineInstancePhase) func(*kubevirtv1.VirtualMachineInstance) bool {
	return func(v *kubevirtv1.VirtualMachineInstance) bool { return v.Status.Phase == phase }
}

func TestLifeOfASimulatedMachine(t *testing.T) {
	h := newTestHandler(t, simulatedVMI(), launcherPod("launcher", "site-1-node-1"))
	vmi := h.until(t, "Running", inPhase(kubevirtv1.Running))
	if vmi.Status.Interfaces[0].IP == "" {
		t.Error("a running machine has no address")
	}
	at := placeOf(vmi.UID, "site-1-node-1")
	if err := h.domains.get(at).pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.until(t, "paused", func(v *kubevirtv1.VirtualMachineInstance) bool {
		return indexOf(v, kubevirtv1.VirtualMachineInstancePaused) >= 0
	})
	pod := launcherPod("launcher", "site-1-node-1")
	if !h.needsPod(pod) {
		t.Error("the pod of a machine that runs may go")
	}
	vmi = h.read(t)
	vmi.Finalizers = []string{"kubevirt.io/test"}
	if err := h.site.Client.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	if err := h.site.Client.Delete(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	h.until(t, "Succeeded", inPhase(kubevirtv1.Succeeded))
	if got := h.podPhase(t, "launcher"); got != corev1.PodSucceeded {
		t.Errorf("the launcher of a machine that shut down is %s", got)
	}
	if h.needsPod(pod) {
		t.Error("the pod of a machine that has ended is kept")
	}
}

func TestFaultsOfMachines(t *testing.T) {
	for reason, test := range map[string]struct {
		fault site.Fault
		want  func(*kubevirtv1.VirtualMachineInstance) bool
	}{
		"a guest that crashes is Failed, with the reason": {
			fault: site.Fault{Name: site.FaultGuest, Target: "default/web", Value: "crash"},
			want: func(v *kubevirtv1.VirtualMachineInstance) bool {
				return v.Status.Phase == kubevirtv1.Failed && v.Status.Reason != ""
			},
		},
		"a boot that fails is told in a condition": {
			fault: site.Fault{Name: site.FaultBoot, Target: "default/web", Value: "fail"},
			want: func(v *kubevirtv1.VirtualMachineInstance) bool {
				return v.Status.Phase == kubevirtv1.Scheduled && indexOf(v, kubevirtv1.VirtualMachineInstanceSynchronized) >= 0
			},
		},
		"a slow boot is Running in the end": {
			fault: site.Fault{Name: site.FaultBoot, Target: "default/web", Value: "100ms"},
			want:  inPhase(kubevirtv1.Running),
		},
	} {
		h := newTestHandler(t, simulatedVMI(), launcherPod("launcher", "site-1-node-1"))
		h.site.Faults.Set(test.fault)
		h.until(t, reason, test.want)
	}
}

func TestMigration(t *testing.T) {
	over := func(v *kubevirtv1.VirtualMachineInstance) bool {
		m := v.Status.MigrationState
		return m.EndTimestamp != nil && (m.Completed || m.Failed) && v.Labels[kubevirtv1.MigrationTargetNodeNameLabel] == ""
	}
	for reason, test := range map[string]struct {
		fault        string
		abort        bool
		node         string
		failed       bool
		source, dest corev1.PodPhase
	}{
		"a machine moves":                   {node: "site-1-node-2", source: corev1.PodSucceeded, dest: corev1.PodRunning},
		"a move that fails leaves it":       {fault: "fail", node: "site-1-node-1", failed: true, source: corev1.PodRunning, dest: corev1.PodFailed},
		"a move that stalls can be aborted": {fault: "stall", abort: true, node: "site-1-node-1", failed: true, source: corev1.PodRunning, dest: corev1.PodFailed},
	} {
		h := newTestHandler(t, simulatedVMI(), launcherPod("source", "site-1-node-1"), launcherPod("target", "site-1-node-2"))
		if test.fault != "" {
			h.site.Faults.Set(site.Fault{Name: site.FaultMigration, Value: test.fault})
		}
		vmi := h.until(t, "Running", inPhase(kubevirtv1.Running))
		vmi.Labels = map[string]string{kubevirtv1.MigrationTargetNodeNameLabel: "site-1-node-2"}
		vmi.Status.MigrationState = &kubevirtv1.VirtualMachineInstanceMigrationState{
			MigrationUID: "m1", SourceNode: "site-1-node-1", TargetNode: "site-1-node-2", TargetPod: "target",
		}
		if err := h.site.Client.Update(t.Context(), vmi); err != nil {
			t.Fatal(err)
		}
		if test.abort {
			vmi = h.until(t, "under way", func(v *kubevirtv1.VirtualMachineInstance) bool { return v.Status.MigrationState.StartTimestamp != nil })
			vmi.Status.MigrationState.AbortRequested = true
			if err := h.site.Client.Update(t.Context(), vmi); err != nil {
				t.Fatal(err)
			}
		}
		vmi = h.until(t, reason, over)
		m := vmi.Status.MigrationState
		if vmi.Status.NodeName != test.node || m.Failed != test.failed || vmi.Status.Phase != kubevirtv1.Running {
			t.Errorf("%s: on %s, %s, %+v", reason, vmi.Status.NodeName, vmi.Status.Phase, m)
		}
		if test.abort != (m.AbortStatus == kubevirtv1.MigrationAbortSucceeded) {
			t.Errorf("%s: abort status %q", reason, m.AbortStatus)
		}
		if got := h.podPhase(t, "source"); got != test.source {
			t.Errorf("%s: the source's pod is %s, want %s", reason, got, test.source)
		}
		if got := h.podPhase(t, "target"); got != test.dest {
			t.Errorf("%s: the target's pod is %s, want %s", reason, got, test.dest)
		}
	}
}

func TestHotplug(t *testing.T) {
	h := newTestHandler(t, simulatedVMI(), launcherPod("launcher", "site-1-node-1"))
	vmi := h.until(t, "Running", inPhase(kubevirtv1.Running))
	vmi.Spec.Volumes = []kubevirtv1.Volume{{Name: "extra", VolumeSource: kubevirtv1.VolumeSource{ContainerDisk: &kubevirtv1.ContainerDiskSource{}}}}
	vmi.Spec.Domain.Devices.Disks = []kubevirtv1.Disk{drive("extra", onBus("scsi"), 0)}
	vmi.Status.VolumeStatus = []kubevirtv1.VolumeStatus{{
		Name: "extra", Phase: kubevirtv1.HotplugVolumeAttachedToNode, HotplugVolume: &kubevirtv1.HotplugVolumeStatus{},
	}}
	if err := h.site.Client.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	vmi = h.until(t, "with a disk more", func(v *kubevirtv1.VirtualMachineInstance) bool {
		return v.Status.VolumeStatus[0].Phase == kubevirtv1.VolumeReady
	})
	if got := vmi.Status.VolumeStatus[0].Target; got != "sda" {
		t.Errorf("the disk is %q, want sda", got)
	}
	vmi.Spec.Volumes, vmi.Spec.Domain.Devices.Disks = nil, nil
	if err := h.site.Client.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	h.until(t, "without it", func(v *kubevirtv1.VirtualMachineInstance) bool {
		return v.Status.VolumeStatus[0].Phase == kubevirtv1.HotplugVolumeUnMounted
	})
}
