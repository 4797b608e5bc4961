package handler

import (
	"context"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// silent is a machine whose QEMU does not answer.
type silent struct {
	*simulated
	killed bool
}

func (s *silent) look(context.Context) (view, error) { return view{}, errors.New("no answer") }

func (s *silent) kill() { s.killed = true }

// TestForcedStop ends machines whose grace period is over.
func TestForcedStop(t *testing.T) {
	for reason, test := range map[string]struct {
		grace int64
		want  kubevirtv1.VirtualMachineInstancePhase
	}{
		"a machine that was given no time": {grace: 0, want: kubevirtv1.Succeeded},
		"one whose time is over":           {grace: 1, want: kubevirtv1.Failed},
	} {
		h := newTestHandler(t, simulatedVMI(func(v *kubevirtv1.VirtualMachineInstance) {
			v.Status.Phase, v.Finalizers = kubevirtv1.Running, []string{"kubevirt.io/test"}
			v.Spec.TerminationGracePeriodSeconds = &test.grace
		}), launcherPod("launcher", "site-1-node-1"))
		vmi := h.read(t)
		dom := &silent{simulated: h.newSimulated(vmi)}
		h.hold(placeOf(vmi.UID, "site-1-node-1"), client.ObjectKeyFromObject(vmi), dom)
		h.stamps.Store(stamp{vmi.UID, "shutdown"}, time.Now().Add(-2*time.Second))
		if err := h.site.Client.Delete(t.Context(), vmi); err != nil {
			t.Fatal(err)
		}
		h.until(t, reason, inPhase(test.want))
		if !dom.killed {
			t.Errorf("%s: it was not killed", reason)
		}
	}
}

// TestLostGuest looks for a guest of which nothing is left.
func TestLostGuest(t *testing.T) {
	for reason, test := range map[string]struct {
		real bool
		want kubevirtv1.VirtualMachineInstancePhase
	}{
		"a state is made anew":           {want: kubevirtv1.Running},
		"a guest that is lost is Failed": {real: true, want: kubevirtv1.Failed},
	} {
		h := newTestHandler(t, simulatedVMI(func(v *kubevirtv1.VirtualMachineInstance) {
			v.Status.Phase = kubevirtv1.Running
		}), launcherPod("launcher", "site-1-node-1"))
		if test.real {
			if err := h.promiseThaw("uid-1", time.Now().Add(time.Hour)); err != nil { // makes the folder
				t.Fatal(err)
			}
			h.remember("uid-1")
		}
		if _, err := h.reconcile(t.Context(), webKey); err != nil {
			t.Fatal(err)
		}
		if got := h.read(t).Status; got.Phase != test.want || (got.Reason != "") != test.real {
			t.Errorf("%s: it is %s %q", reason, got.Phase, got.Reason)
		}
	}
}

// TestStartStrategy starts machines that wait for somebody to let them go on.
func TestStartStrategy(t *testing.T) {
	paused := kubevirtv1.StartStrategyPaused
	h := newTestHandler(t, simulatedVMI(func(v *kubevirtv1.VirtualMachineInstance) {
		v.Spec.StartStrategy = &paused
	}), launcherPod("launcher", "site-1-node-1"))
	vmi := h.until(t, "Running", inPhase(kubevirtv1.Running))
	if indexOf(vmi, kubevirtv1.VirtualMachineInstancePaused) < 0 {
		t.Error("it is not paused")
	}
	if err := h.domains.get(placeOf(vmi.UID, "site-1-node-1")).resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.until(t, "on its way", func(v *kubevirtv1.VirtualMachineInstance) bool {
		return indexOf(v, kubevirtv1.VirtualMachineInstancePaused) < 0
	})
}

// TestThawOutlivesTheProcess freezes a machine, and looks at it as the next
// process does.
func TestThawOutlivesTheProcess(t *testing.T) {
	h := newTestHandler(t, simulatedVMI(), launcherPod("launcher", "site-1-node-1"))
	frozen := func(v *kubevirtv1.VirtualMachineInstance) bool { return v.Status.FSFreezeStatus == "frozen" }
	vmi := h.until(t, "Running", inPhase(kubevirtv1.Running))
	if err := h.domains.get(placeOf(vmi.UID, "site-1-node-1")).freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := h.promiseThaw(vmi.UID, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	h.until(t, "frozen", frozen)
	h.domains = newDomains()
	if again, err := h.reconcile(t.Context(), webKey); err != nil || again < 50*time.Minute {
		t.Errorf("it is looked at again after %s, %v; want the end of its hour", again, err)
	}
	if !frozen(h.read(t)) {
		t.Error("it was thawed before its time")
	}
	if err := h.promiseThaw(vmi.UID, time.Now()); err != nil {
		t.Fatal(err)
	}
	h.until(t, "thawed", func(v *kubevirtv1.VirtualMachineInstance) bool { return !frozen(v) })
	if _, promised := h.thawBy(vmi.UID); promised {
		t.Error("it would be thawed again")
	}
	if got := h.podPhase(t, "launcher"); got != corev1.PodRunning {
		t.Errorf("its pod is %s", got)
	}
}
