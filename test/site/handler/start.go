package handler

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
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
	if h.site.Simulate || !bootable(vmi, files) {
		s := h.newSimulated(vmi)
		s.now.Paused = startsPaused(vmi)
		return s, nil
	}
	if _, err := exec.LookPath(h.launcher.QEMU); err != nil {
		return nil, fmt.Errorf("a bootable disk needs %s (package qemu-system-x86): %w", h.launcher.QEMU, err)
	}
	if err := h.prepare(ctx, vmi, files); err != nil {
		return nil, err
	}
	m := hardware(vmi, files, h.hostOf(vmi))
	m.Paused = startsPaused(vmi)
	g, err := h.launcher.Start(ctx, runDir(h.site.GuestDir(vmi.UID), at.node), m)
	if err != nil {
		return nil, err
	}
	h.site.Log.Info("guest started", "machine", m.Name, "node", at.node, "pid", g.PID())
	return emulated{g}, nil
}

// startsPaused is true for a machine that waits for somebody to let it go on.
func startsPaused(vmi *kubevirtv1.VirtualMachineInstance) bool {
	return vmi.Spec.StartStrategy != nil && *vmi.Spec.StartStrategy == kubevirtv1.StartStrategyPaused
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
	return emulated{g}, nil
}

// prepare writes the files that live as long as the machine.
func (h *handler) prepare(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, files sources) error {
	if err := os.MkdirAll(h.site.GuestDir(vmi.UID), 0o755); err != nil {
		return fmt.Errorf("guest folder: %w", err)
	}
	if err := errors.Join(h.writeCloudInit(ctx, vmi, files), h.writeSysprep(ctx, vmi, files)); err != nil {
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
	if r, ok := dom.(emulated); ok {
		h.remember(at.vmi)
		go func() {
			<-r.Done()
			h.queue.Add(key)
		}()
	}
}

// find is the domain of a machine that should run on a node: held, adopted, or
// made anew as the state that it is. A guest of which nothing is left is lost.
func (h *handler) find(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, node string) (domain, error) {
	at := placeOf(vmi.UID, node)
	if dom := h.domains.get(at); dom != nil {
		return dom, nil
	}
	dom, err := h.adopt(ctx, vmi, at)
	if err != nil {
		return nil, err
	}
	if dom == nil && h.remembers(vmi.UID) {
		dom = &simulated{now: view{Ended: true, Crashed: true, Reason: "nothing is left of its QEMU"}}
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
