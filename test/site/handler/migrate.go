package handler

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/node"
)

const (
	// pollMigration is how often a move is asked how far it is.
	pollMigration = 200 * time.Millisecond
	// defaultTimeoutPerGiB is KubeVirt's completionTimeoutPerGiB.
	defaultTimeoutPerGiB = 150
	// simulatedMove is how long a machine moves that is a state only.
	simulatedMove = time.Second
)

// directPorts are what a target node's proxy would listen on. The states of two
// QEMU processes meet on a unix socket, so nobody dials them.
var directPorts = map[string]int{"41219": 0, "35195": 49152, "40853": 49153}

// migrating is true from the moment virt-controller has prepared a target until
// the move is over, one way or the other, and cleaned up.
func migrating(vmi *kubevirtv1.VirtualMachineInstance) bool {
	m := vmi.Status.MigrationState
	if m == nil || m.TargetNode == "" {
		return false
	}
	if m.EndTimestamp != nil && (m.Completed || m.Failed) {
		return vmi.Labels[kubevirtv1.MigrationTargetNodeNameLabel] != ""
	}
	return true
}

// migrate takes the next step of a move. What virt-handlers on two nodes do in
// turns is one list here, and every step is one update of the machine.
func (h *handler) migrate(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) (time.Duration, error) {
	m := vmi.Status.MigrationState
	switch {
	case m.EndTimestamp != nil && (m.Completed || m.Failed):
		return 0, h.migrationOver(ctx, vmi)
	case m.EndTimestamp != nil:
		return 0, h.finalize(ctx, vmi)
	case m.TargetNodeDomainReadyTimestamp != nil:
		return 0, h.handOver(ctx, vmi)
	}
	source, err := h.find(ctx, vmi, m.SourceNode)
	if err != nil {
		return 0, err
	}
	seen, err := source.look(ctx)
	if err != nil {
		return 0, err
	}
	if seen.Ended {
		return h.sourceEnded(ctx, vmi, source, seen)
	}
	if _, err := h.thawWhenDue(ctx, vmi, source); err != nil {
		h.site.Log.Warn("handler", "machine", client.ObjectKeyFromObject(vmi), "error", err)
	}
	if r, ok := source.(emulated); ok {
		// It is too late for such a move to fail or to be aborted.
		sent, err := r.Sent(ctx)
		if err != nil {
			return 0, err
		}
		if sent {
			return h.arrived(ctx, vmi, source)
		}
	}
	if t, ok := h.site.NodeNumber(m.TargetNode); !ok || node.Stopped(h.site, t) {
		return h.migrationFailed(ctx, vmi, source, fmt.Sprintf("target node %s does not answer", m.TargetNode))
	}
	switch {
	case m.AbortRequested:
		return h.abort(ctx, vmi, source)
	case m.TargetNodeAddress == "":
		return h.prepareTarget(ctx, vmi, source)
	case m.StartTimestamp == nil:
		return h.beginMove(ctx, vmi, source)
	default:
		return h.watchMove(ctx, vmi, source)
	}
}

// prepareTarget makes the machine that waits on the other node.
func (h *handler) prepareTarget(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	m := vmi.Status.MigrationState
	at := placeOf(vmi.UID, m.TargetNode)
	if h.domains.get(at) == nil {
		target, err := h.newTarget(ctx, vmi, source, at)
		if err != nil {
			return h.migrationFailed(ctx, vmi, source, "prepare target: "+err.Error())
		}
		h.domains.put(at, client.ObjectKeyFromObject(vmi), target)
	}
	before := vmi.DeepCopy()
	n, _ := h.site.NodeNumber(m.TargetNode)
	m.TargetNodeAddress = h.site.NodeAddress(n).String()
	m.TargetDirectMigrationNodePorts = directPorts
	if m.TargetState != nil {
		m.TargetState.NodeAddress = &m.TargetNodeAddress
		m.TargetState.DirectMigrationNodePorts = directPorts
	}
	h.events.Event(vmi, corev1.EventTypeNormal, string(kubevirtv1.PreparingTarget), "VirtualMachineInstance Migration Target Prepared.")
	return 0, h.write(ctx, before, vmi)
}

func (h *handler) newTarget(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain, at place) (domain, error) {
	r, ok := source.(emulated)
	if !ok {
		return h.newSimulated(vmi), nil
	}
	hardware, err := h.moved(ctx, vmi, r.Hardware().Target())
	if err != nil {
		return nil, err
	}
	g, err := h.launcher.Start(ctx, runDir(h.site.GuestDir(vmi.UID), at.node), hardware)
	if err != nil {
		return nil, err
	}
	if err := g.Listen(ctx); err != nil {
		g.Kill()
		return nil, err
	}
	return emulated{g}, nil
}

// beginMove starts the move and says since when it goes on.
func (h *handler) beginMove(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	before := vmi.DeepCopy()
	m := vmi.Status.MigrationState
	if r, ok := source.(emulated); ok {
		if err := h.sendGuest(ctx, vmi, r); err != nil {
			return h.migrationFailed(ctx, vmi, source, err.Error())
		}
	}
	now := metav1.Now()
	m.StartTimestamp, m.Mode = &now, kubevirtv1.MigrationPreCopy
	h.events.Event(vmi, corev1.EventTypeNormal, string(kubevirtv1.Migrating), "VirtualMachineInstance is migrating.")
	return pollMigration, h.write(ctx, before, vmi)
}

// sendGuest begins to move a guest, unless it is under way already: whoever began
// may have been killed before it could say so.
func (h *handler) sendGuest(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source emulated) error {
	progress, err := source.Migration(ctx)
	if err != nil || progress.UnderWay() {
		return err
	}
	waiting, err := h.find(ctx, vmi, vmi.Status.MigrationState.TargetNode)
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	target, ok := waiting.(emulated)
	if !ok {
		return errors.New("the target has no guest that could take over")
	}
	return source.MigrateTo(ctx, target.Guest, h.limits(vmi))
}

// handOver makes the target's node the machine's.
func (h *handler) handOver(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) error {
	before := vmi.DeepCopy()
	m := vmi.Status.MigrationState
	now := metav1.Now()
	m.EndTimestamp = &now
	if vmi.Labels == nil {
		vmi.Labels = map[string]string{}
	}
	vmi.Labels[kubevirtv1.NodeNameLabel] = m.TargetNode
	delete(vmi.Labels, kubevirtv1.OutdatedLauncherImageLabel)
	delete(vmi.Annotations, kubevirtv1.EvictionSourceAnnotation)
	vmi.Status.NodeName = m.TargetNode
	vmi.Status.EvacuationNodeName = ""
	vmi.Status.LauncherContainerImageVersion = ""
	vmi.Status.MigrationTransport = kubevirtv1.MigrationTransportUnix
	if m.TargetMemoryOverhead != nil && vmi.Status.Memory != nil {
		vmi.Status.Memory.MemoryOverhead = m.TargetMemoryOverhead
	}
	if err := h.write(ctx, before, vmi); err != nil {
		return err
	}
	h.events.Event(vmi, corev1.EventTypeNormal, string(kubevirtv1.Migrated), fmt.Sprintf("The VirtualMachineInstance migrated to node %s.", m.TargetNode))
	return nil
}

// finalize does what waited for the move: more CPUs, more memory, other volumes.
func (h *handler) finalize(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) error {
	before := vmi.DeepCopy()
	if indexOf(vmi, kubevirtv1.VirtualMachineInstanceVCPUChange) >= 0 {
		sockets, cores, threads := topology(vmi)
		vmi.Status.CurrentCPUTopology = &kubevirtv1.CPUTopology{Sockets: sockets, Cores: cores, Threads: threads}
		unset(vmi, kubevirtv1.VirtualMachineInstanceVCPUChange)
	}
	delete(vmi.Labels, kubevirtv1.VirtualMachinePodCPULimitsLabel)
	if indexOf(vmi, kubevirtv1.VirtualMachineInstanceMemoryChange) >= 0 && vmi.Status.Memory != nil && vmi.Spec.Domain.Memory != nil {
		vmi.Status.Memory.GuestRequested = vmi.Spec.Domain.Memory.Guest
		unset(vmi, kubevirtv1.VirtualMachineInstanceMemoryChange)
	}
	delete(vmi.Labels, kubevirtv1.VirtualMachinePodMemoryRequestsLabel)
	delete(vmi.Labels, kubevirtv1.MemoryHotplugOverheadRatioLabel)
	unset(vmi, kubevirtv1.VirtualMachineInstanceVolumesChange)
	vmi.Status.MigratedVolumes = nil
	vmi.Status.MigrationState.Completed = true
	return h.write(ctx, before, vmi)
}
