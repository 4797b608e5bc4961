package handler

import (
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/guest"
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
	if seen, err := source.look(ctx); err != nil || seen.Ended && m.StartTimestamp == nil {
		return 0, firstError(err, func() error { return h.end(ctx, vmi, seen) })
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

func firstError(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
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
	r, ok := source.(real)
	if !ok {
		return h.newSimulated(vmi), nil
	}
	m := r.Hardware()
	m.Incoming = true
	g, err := h.launcher.Start(ctx, runDir(h.site.GuestDir(vmi.UID), at.node), m)
	if err != nil {
		return nil, err
	}
	if err := g.Listen(ctx); err != nil {
		g.Kill()
		return nil, err
	}
	return real{g}, nil
}

// beginMove starts the move and says since when it goes on.
func (h *handler) beginMove(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	before := vmi.DeepCopy()
	m := vmi.Status.MigrationState
	if r, ok := source.(real); ok && h.once(vmi.UID, "move-"+string(m.MigrationUID)) {
		target, ok := h.domains.get(placeOf(vmi.UID, m.TargetNode)).(real)
		if !ok {
			return h.migrationFailed(ctx, vmi, source, "the target has no guest that could take over")
		}
		if err := r.MigrateTo(ctx, target.Guest, h.limits(vmi)); err != nil {
			return h.migrationFailed(ctx, vmi, source, err.Error())
		}
	}
	now := metav1.Now()
	m.StartTimestamp, m.Mode = &now, kubevirtv1.MigrationPreCopy
	h.events.Event(vmi, corev1.EventTypeNormal, string(kubevirtv1.Migrating), "VirtualMachineInstance is migrating.")
	return pollMigration, h.write(ctx, before, vmi)
}

func (h *handler) limits(vmi *kubevirtv1.VirtualMachineInstance) guest.Limits {
	l := guest.Limits{}
	if fault := h.migrationFault(vmi); fault.stall || fault.slow > 0 {
		l.Bandwidth = 1000 // so slow that it is under way and never arrives
		return l
	}
	if c := vmi.Status.MigrationState.MigrationConfiguration; c != nil {
		if c.BandwidthPerMigration != nil {
			l.Bandwidth = c.BandwidthPerMigration.Value()
		}
		l.AutoConverge = c.AllowAutoConverge != nil && *c.AllowAutoConverge
	}
	return l
}

// watchMove asks how far the move is, and goes on when it has arrived.
func (h *handler) watchMove(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	m := vmi.Status.MigrationState
	since := time.Since(m.StartTimestamp.Time)
	fault := h.migrationFault(vmi)
	if fault.fail && since > simulatedMove/2 {
		return h.migrationFailed(ctx, vmi, source, "Live migration failed: ordered by the fault \"migration\"")
	}
	if limit := completionTimeout(vmi); since > limit {
		return h.migrationFailed(ctx, vmi, source, fmt.Sprintf("Live migration is not completed after %d seconds and has been aborted", int(limit.Seconds())))
	}
	r, guests := source.(real)
	if !guests {
		if fault.stall || since < max(simulatedMove, fault.slow) {
			return pollMigration, nil
		}
		return h.arrived(ctx, vmi, source)
	}
	if fault.slow > 0 && since >= fault.slow && h.once(vmi.UID, "speed-"+string(m.MigrationUID)) {
		if err := r.SetBandwidth(ctx, 0); err != nil {
			return 0, err
		}
	}
	progress, err := r.Migration(ctx)
	if err != nil {
		return 0, err
	}
	switch progress.Status {
	case "completed":
		return h.arrived(ctx, vmi, source)
	case "failed", "cancelled":
		return h.migrationFailed(ctx, vmi, source, "Live migration failed: "+progress.Error)
	case "", "none": // this process came back and found a move that never began
		return h.migrationFailed(ctx, vmi, source, "Live migration was interrupted")
	default:
		return pollMigration, nil
	}
}

// completionTimeout is how long a machine may move, by its size.
func completionTimeout(vmi *kubevirtv1.VirtualMachineInstance) time.Duration {
	perGiB := int64(defaultTimeoutPerGiB)
	if c := vmi.Status.MigrationState.MigrationConfiguration; c != nil && c.CompletionTimeoutPerGiB != nil {
		perGiB = *c.CompletionTimeoutPerGiB
	}
	gib := max(1, (memory(vmi)+1<<30-1)>>30)
	return time.Duration(perGiB*gib) * time.Second
}

// arrived ends the source and says that the target runs.
func (h *handler) arrived(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	m := vmi.Status.MigrationState
	target, err := h.find(ctx, vmi, m.TargetNode)
	if err != nil {
		return 0, err
	}
	if err := h.takeOver(ctx, vmi, source, target); err != nil {
		return h.migrationFailed(ctx, vmi, source, "take over: "+err.Error())
	}
	before := vmi.DeepCopy()
	now := metav1.Now()
	m.TargetNodeDomainDetected, m.TargetNodeDomainReadyTimestamp = true, &now
	if m.TargetState != nil {
		m.TargetState.DomainDetected, m.TargetState.DomainReadyTimestamp = true, &now
	}
	unset(vmi, kubevirtv1.VirtualMachineInstanceMigrationRequired)
	return 0, h.write(ctx, before, vmi)
}

// takeOver makes the target the machine: its ports, its end.
func (h *handler) takeOver(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source, target domain) error {
	from := placeOf(vmi.UID, vmi.Status.MigrationState.SourceNode)
	to := placeOf(vmi.UID, vmi.Status.MigrationState.TargetNode)
	h.consoles.close(vmi.UID)
	old, isGuest := source.(real)
	new, both := target.(real)
	if !isGuest || !both {
		seen, err := source.look(ctx)
		if s, ok := target.(*simulated); ok && err == nil {
			s.now = seen
		}
		h.domains.take(from)
		return err
	}
	if err := new.WaitRunning(ctx); err != nil {
		return err
	}
	h.domains.take(from) // from here on its end is nobody's crash
	if err := old.Quit(ctx); err != nil {
		old.Kill()
	}
	<-old.Done()
	if err := os.RemoveAll(runDir(h.site.GuestDir(vmi.UID), from.node)); err != nil {
		h.site.Log.Warn("guest folder", "error", err)
	}
	if err := new.TakeOver(ctx); err != nil {
		return err
	}
	h.hold(to, client.ObjectKeyFromObject(vmi), new)
	h.site.Log.Info("guest moved", "machine", new.Machine.Name, "from", from.node, "to", to.node)
	return nil
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

// migrationOver ends the pod that lost: the source's, or after a failure the
// target's.
func (h *handler) migrationOver(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) error {
	m := vmi.Status.MigrationState
	loser, code := m.SourceNode, int32(0)
	if m.Failed {
		loser, code = m.TargetNode, 1
		h.dropTarget(vmi)
	}
	pods, err := h.launcherPods(ctx, vmi)
	if err != nil {
		return err
	}
	for i := range pods {
		if pods[i].Spec.NodeName != loser || loser == nodeOf(vmi) {
			continue
		}
		if err := h.endPod(ctx, &pods[i], code, m.FailureReason); err != nil {
			return err
		}
	}
	before := vmi.DeepCopy()
	delete(vmi.Labels, kubevirtv1.MigrationTargetNodeNameLabel)
	return h.write(ctx, before, vmi)
}

// abort gives up a move because somebody asked for it.
func (h *handler) abort(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain) (time.Duration, error) {
	vmi.Status.MigrationState.AbortStatus = kubevirtv1.MigrationAbortSucceeded
	h.events.Event(vmi, corev1.EventTypeNormal, string(kubevirtv1.Migrating), "VirtualMachineInstance is aborting migration.")
	return h.migrationFailed(ctx, vmi, source, "Live migration aborted")
}

// migrationFailed reports that the machine stays where it is.
func (h *handler) migrationFailed(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, source domain, reason string) (time.Duration, error) {
	if r, ok := source.(real); ok {
		if err := r.CancelMigration(ctx); err != nil {
			h.site.Log.Warn("cancel migration", "machine", vmi.Namespace+"/"+vmi.Name, "error", err)
		}
	}
	h.dropTarget(vmi)
	m := vmi.Status.MigrationState
	now := metav1.Now()
	if m.StartTimestamp == nil {
		m.StartTimestamp = &now
	}
	m.EndTimestamp, m.Failed, m.Completed, m.FailureReason = &now, true, true, reason
	h.events.Event(vmi, corev1.EventTypeWarning, string(kubevirtv1.Migrated),
		fmt.Sprintf("VirtualMachineInstance migration uid %s failed. reason:%s", m.MigrationUID, reason))
	return 0, h.client.Update(ctx, vmi.DeepCopy())
}

// dropTarget ends the machine that waited in vain.
func (h *handler) dropTarget(vmi *kubevirtv1.VirtualMachineInstance) {
	m := vmi.Status.MigrationState
	if m.TargetNode == nodeOf(vmi) {
		return
	}
	if dom := h.domains.take(placeOf(vmi.UID, m.TargetNode)); dom != nil {
		dom.kill()
	}
	if err := os.RemoveAll(runDir(h.site.GuestDir(vmi.UID), m.TargetNode)); err != nil {
		h.site.Log.Warn("guest folder", "error", err)
	}
}
