package handler

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/guest"
	"crofthci.io/croft/test/site/site"
)

// NoAgent on a machine that is a state only makes it one without guest agent.
const NoAgent = "site.crofthci.io/no-agent"

const (
	soon = time.Second
	// lookAgain is how often a machine in QEMU is looked at without an event:
	// its guest agent may have come.
	lookAgain = 5 * time.Second
)

// start brings a Scheduled machine to life and reports it Running.
func (h *handler) start(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) (time.Duration, error) {
	if wait, err := h.bootFault(ctx, vmi); wait > 0 || err != nil {
		return wait, err
	}
	at := placeOf(vmi.UID, nodeOf(vmi))
	dom := h.domains.get(at)
	if dom == nil {
		var err error
		dom, err = h.create(ctx, vmi, at)
		if errors.Is(err, errVolumeWaits) {
			return soon, nil
		}
		if err != nil {
			return h.failSync(ctx, vmi, err)
		}
		h.hold(at, client.ObjectKeyFromObject(vmi), dom)
	}
	again, err := h.report(ctx, vmi, dom)
	if err == nil && h.once(vmi.UID, "started") {
		h.events.Event(vmi, corev1.EventTypeNormal, string(kubevirtv1.Started), "VirtualMachineInstance started.")
	}
	return again, err
}

// create makes the domain: a guest in QEMU if there is something to boot.
func (h *handler) create(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, at place) (domain, error) {
	if dom, err := h.adopt(ctx, vmi, at); err != nil || dom != nil {
		return dom, err
	}
	files, err := h.open(ctx, vmi)
	if err != nil {
		return nil, err
	}
	if !bootable(vmi, files) {
		return h.newSimulated(vmi), nil
	}
	if err := h.prepare(ctx, vmi, files); err != nil {
		return nil, err
	}
	m := hardware(vmi, files, h.hostOf(vmi))
	g, err := h.launcher.Start(ctx, runDir(h.site.GuestDir(vmi.UID), at.node), m)
	if err != nil {
		return nil, err
	}
	h.site.Log.Info("guest started", "machine", m.Name, "node", at.node, "pid", g.PID())
	return real{g}, nil
}

func (h *handler) newSimulated(vmi *kubevirtv1.VirtualMachineInstance) *simulated {
	value, _ := h.site.Faults.Of(site.FaultGuest, vmi)
	return &simulated{
		hasAgent: vmi.Annotations[NoAgent] != "true",
		hostname: hostname(vmi),
		deaf:     value == "deaf",
	}
}

// adopt finds the QEMU that an earlier process started for the machine here;
// nil if there is none, or if it has ended before the machine was Running.
func (h *handler) adopt(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, at place) (domain, error) {
	dir := runDir(h.site.GuestDir(at.vmi), at.node)
	g, err := guest.Adopt(ctx, dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // no machine and no trouble
	}
	if err != nil {
		return nil, err
	}
	select {
	case <-g.Done():
		if vmi.Status.Phase == kubevirtv1.Scheduled {
			return nil, nil //nolint:nilnil // the leftover of a start that failed
		}
	default:
		h.site.Log.Info("guest adopted", "machine", g.Machine.Name, "node", at.node, "pid", g.PID())
	}
	if len(g.Machine.NICs) > 0 {
		h.site.KeepAddress(vmi.UID, g.Machine.NICs[0].Address)
	}
	return real{g}, nil
}

// prepare writes the files that live as long as the machine.
func (h *handler) prepare(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, files sources) error {
	if err := os.MkdirAll(h.site.GuestDir(vmi.UID), 0o755); err != nil {
		return fmt.Errorf("guest folder: %w", err)
	}
	if err := h.writeCloudInit(ctx, vmi, files); err != nil {
		return err
	}
	f := firmware(vmi, h.site.GuestDir(vmi.UID))
	if f == nil {
		return nil
	}
	template := ovmfVars
	if f.Secure {
		template = ovmfSecureVars
	}
	if _, err := os.Stat(f.Vars); err == nil {
		return nil
	}
	vars, err := os.ReadFile(template)
	if err != nil {
		return fmt.Errorf("UEFI needs the package ovmf: %w", err)
	}
	if err := os.WriteFile(f.Vars, vars, 0o600); err != nil {
		return fmt.Errorf("UEFI variables: %w", err)
	}
	return nil
}

func (h *handler) hostOf(vmi *kubevirtv1.VirtualMachineInstance) host {
	dir, err := filepath.Abs(h.site.GuestDir(vmi.UID))
	if err != nil {
		dir = h.site.GuestDir(vmi.UID)
	}
	return host{accel: h.accel, address: h.site.GuestAddress(vmi.UID), lowPorts: h.lowPorts, dir: dir}
}

// hold remembers a domain and looks at its machine again when it ends.
func (h *handler) hold(at place, key types.NamespacedName, dom domain) {
	h.domains.put(at, key, dom)
	if r, ok := dom.(real); ok {
		go func() {
			<-r.Done()
			h.queue.Add(key)
		}()
	}
}

// find is the domain of a machine that should run on a node: held, adopted, or
// made anew as the state that it is.
func (h *handler) find(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, node string) (domain, error) {
	at := placeOf(vmi.UID, node)
	if dom := h.domains.get(at); dom != nil {
		return dom, nil
	}
	dom, err := h.adopt(ctx, vmi, at)
	if err != nil {
		return nil, err
	}
	if dom == nil {
		s := h.newSimulated(vmi)
		s.now.Paused = indexOf(vmi, kubevirtv1.VirtualMachineInstancePaused) >= 0
		s.now.Frozen = vmi.Status.FSFreezeStatus == "frozen"
		h.keepAddress(vmi)
		dom = s
	}
	h.hold(at, client.ObjectKeyFromObject(vmi), dom)
	return dom, nil
}

// keep looks after a Running machine.
func (h *handler) keep(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) (time.Duration, error) {
	dom, err := h.find(ctx, vmi, nodeOf(vmi))
	if err != nil {
		return 0, err
	}
	h.guestFault(vmi, dom)
	return h.report(ctx, vmi, dom)
}

// report writes what one look at the machine shows.
func (h *handler) report(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, dom domain) (time.Duration, error) {
	seen, err := dom.look(ctx)
	if err != nil {
		return 0, err
	}
	if seen.Ended {
		return 0, h.end(ctx, vmi, seen)
	}
	before := vmi.DeepCopy()
	agent := dom.agent(ctx)
	running(vmi, facts{view: seen, agent: agent, address: h.addressOf(vmi, dom), now: time.Now()})
	plugged, err := h.hotplug(ctx, vmi, dom)
	if err != nil {
		return 0, err
	}
	again := time.Duration(0)
	if _, ok := dom.(real); ok {
		again = lookAgain
	}
	if plugged {
		again = soon
	}
	return again, h.write(ctx, before, vmi)
}

// addressOf is where a machine answers: its own address for a guest, the pod's
// for a state.
func (h *handler) addressOf(vmi *kubevirtv1.VirtualMachineInstance, dom domain) netip.Addr {
	if r, ok := dom.(real); ok {
		if len(r.Machine.NICs) == 0 {
			return netip.Addr{}
		}
		return r.Machine.NICs[0].Address
	}
	return h.site.GuestAddress(vmi.UID)
}

func (h *handler) keepAddress(vmi *kubevirtv1.VirtualMachineInstance) {
	if len(vmi.Status.Interfaces) == 0 {
		return
	}
	if a, err := netip.ParseAddr(vmi.Status.Interfaces[0].IP); err == nil {
		h.site.KeepAddress(vmi.UID, a)
	}
}

// failSync tells why a machine cannot start, and tries again.
func (h *handler) failSync(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, cause error) (time.Duration, error) {
	before := vmi.DeepCopy()
	message := "server error. command SyncVMI failed: " + cause.Error()
	set(vmi, condition(kubevirtv1.VirtualMachineInstanceSynchronized, corev1.ConditionFalse, "Synchronizing with the Domain failed.", message), time.Now())
	if !equality.Semantic.DeepEqual(before.Status, vmi.Status) {
		h.events.Event(vmi, corev1.EventTypeWarning, string(kubevirtv1.SyncFailed), message)
	}
	return 5 * soon, h.write(ctx, before, vmi)
}

// write updates a machine on the version that was looked at, if it changed. A
// machine has no status subresource.
func (h *handler) write(ctx context.Context, before, vmi *kubevirtv1.VirtualMachineInstance) error {
	same := equality.Semantic.DeepEqual(before.Status, vmi.Status) &&
		equality.Semantic.DeepEqual(before.Labels, vmi.Labels) &&
		equality.Semantic.DeepEqual(before.Annotations, vmi.Annotations)
	if same {
		return nil
	}
	return h.client.Update(ctx, vmi.DeepCopy())
}

// podIndex finds a machine's launcher pods among thousands.
const podIndex = "launcher"

// indexPod is the uid of the machine that a launcher pod is for.
func indexPod(object client.Object) []string {
	uid := object.GetLabels()[kubevirtv1.CreatedByLabel]
	if uid == "" || object.GetLabels()[kubevirtv1.AppLabel] != "virt-launcher" {
		return nil
	}
	return []string{uid}
}

// launcherPods are the pods that a machine has or had, on any node.
func (h *handler) launcherPods(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) ([]corev1.Pod, error) {
	var pods corev1.PodList
	err := h.cache.List(ctx, &pods, client.InNamespace(vmi.Namespace), client.MatchingFields{podIndex: string(vmi.UID)})
	if err != nil {
		return nil, fmt.Errorf("launcher pods: %w", err)
	}
	return slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool { return p.Spec.NodeName == "" }), nil
}
