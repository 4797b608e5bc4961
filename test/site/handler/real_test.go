package handler

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"crofthci.io/croft/test/site/guest"
	"crofthci.io/croft/test/site/site"
)

// TestMain is also the launcher of the guests.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "launch" {
		if err := guest.LaunchIn(strings.TrimPrefix(os.Args[2], "--dir="), os.Args[4:]).Run(); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// loop is a boot sector that does nothing for ever.
var loop = []byte{0xeb, 0xfe}

// newRealHandler is a handler whose machine has something to boot. Its client
// loses every update once before it is made, as one does whose process is killed.
func newRealHandler(t *testing.T) *handler {
	t.Helper()
	vmi := testVMI(func(v *kubevirtv1.VirtualMachineInstance) {
		v.Spec.Volumes = slices.DeleteFunc(v.Spec.Volumes, func(v kubevirtv1.Volume) bool { return v.Name != "root" })
		v.Spec.Domain.Devices.Disks = v.Spec.Domain.Devices.Disks[:1]
	})
	claim := &corev1.PersistentVolumeClaim{}
	claim.Namespace, claim.Name, claim.Spec.VolumeName = "default", "web-root", "pv"
	volume := &corev1.PersistentVolume{}
	volume.Name, volume.Spec.CSI = "pv", &corev1.CSIPersistentVolumeSource{VolumeHandle: "pv"}
	h := newTestHandler(t, vmi, claim, volume, launcherPod("source", "site-1-node-1"), launcherPod("target", "site-1-node-2"))
	h.launcher = guest.Launcher{Command: []string{os.Args[0], "launch"}, QEMU: "qemu-system-x86_64", Env: launcherEnv()}
	sector := make([]byte, 1<<20)
	copy(sector, loop)
	sector[510], sector[511] = 0x55, 0xaa
	disk := h.site.VolumePath("pv")
	if err := os.MkdirAll(filepath.Dir(disk), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(disk, sector, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for n := 1; n <= h.site.Nodes; n++ {
			guest.End(runDir(h.site.GuestDir(vmi.UID), h.site.NodeName(n)))
		}
	})
	return h
}

// next is the handler of the process after this one was killed.
func (h *handler) next() *handler {
	h.domains.detach()
	after := &handler{
		site: h.site, client: h.client, cache: h.cache, events: h.events, launcher: h.launcher,
		accel: h.accel, queue: h.queue, domains: newDomains(), consoles: newConsoles(),
	}
	after.sweep(context.Background())
	return after
}

// pids are the QEMUs of a machine that live, by node.
func (h *handler) pids(uid types.UID) map[string]string {
	pids := map[string]string{}
	for n := 1; n <= h.site.Nodes; n++ {
		dir := runDir(h.site.GuestDir(uid), h.site.NodeName(n))
		pid, err := os.ReadFile(filepath.Join(dir, "pid"))
		if err != nil {
			continue
		}
		if cwd, err := os.Readlink("/proc/" + string(pid) + "/cwd"); err == nil && strings.HasPrefix(cwd, dir) {
			pids[h.site.NodeName(n)] = string(pid)
		}
	}
	return pids
}

// TestMoveOutlivesItsProcesses moves a guest while the process is killed before
// and after each word that it writes.
func TestMoveOutlivesItsProcesses(t *testing.T) {
	h := newRealHandler(t)
	killed := errors.New("killed")
	lose := false
	h.client = interceptor.NewClient(h.client.(client.WithWatch), interceptor.Funcs{
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.UpdateOption) error {
			if lose = !lose; lose {
				return killed
			}
			return c.Update(ctx, o, options...)
		},
	})
	step := func() *kubevirtv1.VirtualMachineInstance {
		t.Helper()
		if _, err := h.reconcile(t.Context(), webKey); err != nil && !errors.Is(err, killed) {
			t.Fatal(err)
		}
		h = h.next()
		return h.read(t)
	}
	until := func(what string, done func(*kubevirtv1.VirtualMachineInstance) bool) *kubevirtv1.VirtualMachineInstance {
		t.Helper()
		for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
			if vmi := step(); done(vmi) {
				return vmi
			}
		}
		t.Fatalf("the machine is never %s: %+v", what, h.read(t).Status)
		return nil
	}
	until("Running", inPhase(kubevirtv1.Running))
	h.move(t, "m1")
	vmi := until("moved", func(v *kubevirtv1.VirtualMachineInstance) bool {
		m := v.Status.MigrationState
		return m.EndTimestamp != nil && m.Completed && v.Labels[kubevirtv1.MigrationTargetNodeNameLabel] == ""
	})
	if m := vmi.Status.MigrationState; m.Failed || vmi.Status.NodeName != "site-1-node-2" || vmi.Status.Phase != kubevirtv1.Running {
		t.Fatalf("it is %s on %s after %+v", vmi.Status.Phase, vmi.Status.NodeName, m)
	}
	if pids := h.pids(vmi.UID); len(pids) != 1 || pids["site-1-node-2"] == "" {
		t.Errorf("QEMU runs on %v", pids)
	}
	address := net.JoinHostPort(vmi.Status.Interfaces[0].IP, "2222")
	h.until(t, "reachable", func(*kubevirtv1.VirtualMachineInstance) bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// TestMoveThatFails leaves the guest where it is and nothing on the target.
func TestMoveThatFails(t *testing.T) {
	for reason, between := range map[string]func(*handler) *handler{
		"one process sees all of it":     func(h *handler) *handler { return h },
		"another one sees the end of it": func(h *handler) *handler { return h.next() },
	} {
		t.Run(reason, func(t *testing.T) {
			h := newRealHandler(t)
			h.site.Faults.Set(site.Fault{Name: site.FaultMigration, Value: "stall"})
			vmi := h.until(t, "Running", inPhase(kubevirtv1.Running))
			before := h.pids(vmi.UID)
			h.move(t, "m1")
			vmi = h.until(t, "under way", func(v *kubevirtv1.VirtualMachineInstance) bool { return v.Status.MigrationState.StartTimestamp != nil })
			h = between(h)
			vmi.Status.MigrationState.AbortRequested = true
			if err := h.site.Client.Update(t.Context(), vmi); err != nil {
				t.Fatal(err)
			}
			vmi = h.until(t, "over", func(v *kubevirtv1.VirtualMachineInstance) bool {
				return v.Status.MigrationState.Failed && v.Labels[kubevirtv1.MigrationTargetNodeNameLabel] == ""
			})
			after := h.pids(vmi.UID)
			if vmi.Status.NodeName != "site-1-node-1" || len(after) != 1 || after["site-1-node-1"] != before["site-1-node-1"] {
				t.Errorf("on %s, QEMU runs on %v, before on %v", vmi.Status.NodeName, after, before)
			}
		})
	}
}

// TestTargetThatIsLost ends the target when it has all of the guest. The source
// goes on, and can move another time.
func TestTargetThatIsLost(t *testing.T) {
	h := newRealHandler(t)
	vmi := h.until(t, "Running", inPhase(kubevirtv1.Running))
	before := h.pids(vmi.UID)
	source, ok := h.domains.get(placeOf(vmi.UID, "site-1-node-1")).(emulated)
	if !ok {
		t.Fatal("no guest runs")
	}
	h.move(t, "m1")
	h.until(t, "under way", func(v *kubevirtv1.VirtualMachineInstance) bool { return v.Status.MigrationState.StartTimestamp != nil })
	for sent := false; !sent; {
		var err error
		if sent, err = source.Sent(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	h.domains.get(placeOf(vmi.UID, "site-1-node-2")).kill()
	over := func(v *kubevirtv1.VirtualMachineInstance) bool {
		return v.Status.MigrationState.Completed && v.Labels[kubevirtv1.MigrationTargetNodeNameLabel] == ""
	}
	vmi = h.until(t, "over", over)
	if m := vmi.Status.MigrationState; !m.Failed || vmi.Status.Phase != kubevirtv1.Running {
		t.Errorf("it is %s after %+v", vmi.Status.Phase, m)
	}
	if status, err := source.Status(t.Context()); status != "running" || h.pids(vmi.UID)["site-1-node-1"] != before["site-1-node-1"] {
		t.Errorf("the source is %q, %v", status, err)
	}
	h.move(t, "m2")
	vmi = h.until(t, "moved", over)
	if m := vmi.Status.MigrationState; m.Failed || vmi.Status.NodeName != "site-1-node-2" {
		t.Errorf("it is on %s after %+v", vmi.Status.NodeName, m)
	}
}

// move asks for a move to the second node, as virt-controller does.
func (h *handler) move(t *testing.T, uid types.UID) {
	t.Helper()
	vmi := h.read(t)
	vmi.Labels = map[string]string{kubevirtv1.MigrationTargetNodeNameLabel: "site-1-node-2"}
	vmi.Status.MigrationState = &kubevirtv1.VirtualMachineInstanceMigrationState{
		MigrationUID: uid, SourceNode: "site-1-node-1", TargetNode: "site-1-node-2", TargetPod: "target",
	}
	if err := h.site.Client.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
}

// TestStartThatIsForgotten deletes a machine whose QEMU an earlier process started.
func TestStartThatIsForgotten(t *testing.T) {
	h := newRealHandler(t)
	vmi := h.read(t)
	if _, err := h.create(t.Context(), vmi, placeOf(vmi.UID, "site-1-node-1")); err != nil {
		t.Fatal(err)
	}
	h = h.next()
	vmi.Finalizers = []string{"kubevirt.io/test"}
	if err := h.site.Client.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	if err := h.site.Client.Delete(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	h.until(t, "Succeeded", inPhase(kubevirtv1.Succeeded))
	if pids := h.pids(vmi.UID); len(pids) > 0 {
		t.Errorf("QEMU runs on %v", pids)
	}
}
