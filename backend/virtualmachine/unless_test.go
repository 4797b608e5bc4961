package virtualmachine

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

func TestUnless(t *testing.T) {
	cases := map[string]struct {
		reason  string
		action  string
		machine Machine
		want    string
	}{
		"StartOff":        {"the usual case", "start", off(), ""},
		"StartOn":         {"it is done already", "start", on(), "The machine is already running."},
		"StartPaused":     {"a frozen machine is on", "start", on(pausedNow), "The machine is already running."},
		"StartStarting":   {"it is on its way", "start", on(phase(kubevirt.PhaseScheduling), status(kubevirt.StatusStarting)), "The machine is already starting."},
		"StartStopping":   {"one thing after the other", "start", on(status(kubevirt.StatusStopping)), "The machine is still stopping."},
		"StartDeleted":    {"too late", "start", off(deleted), "The machine is being deleted."},
		"StartUnseen":     {"KubeVirt's word counts for who may not see the instance", "start", on(unseen), "The machine is already running."},
		"StartAgain":      {"its guest switched it off, so it may be started by hand", "start", off(strategy(kubevirt.RunStrategyRerunOnFailure)), ""},
		"StartManual":     {"a machine that is only started by hand", "start", off(strategy(kubevirt.RunStrategyManual)), ""},
		"StartEnded":      {"an instance that has ended is no obstacle", "start", on(phase(kubevirt.PhaseSucceeded), status(kubevirt.StatusStopped)), ""},
		"StartAlways":     {"KubeVirt refuses this, because it does it itself", "start", off(strategy(kubevirt.RunStrategyAlways)), "The machine's run strategy is Always: KubeVirt starts it by itself."},
		"StartWaiting":    {"it cannot start yet and tries", "start", off(strategy(kubevirt.RunStrategyRerunOnFailure), status(kubevirt.StatusProvisioning)), "The machine is already being started."},
		"StartRequested":  {"KubeVirt knows and has not got to it", "start", off(asked(kubevirt.StartRequest)), "The machine is already about to start."},
		"StartUnrecovery": {"a storage migration broke off", "start", off(recovery), "The machine's volumes must be recovered by hand first: disk lost"},

		"StopOn":       {"the usual case", "stop", on(), ""},
		"StopOff":      {"nothing to stop", "stop", off(), "The machine is not running."},
		"StopPaused":   {"a frozen machine can be switched off", "stop", on(pausedNow), ""},
		"StopStopping": {"it is done already", "stop", on(status(kubevirt.StatusStopping)), "The machine is already stopping."},
		"StopStarting": {"a start can be given up", "stop", on(phase(kubevirt.PhaseScheduling), status(kubevirt.StatusStarting)), ""},
		"StopLooping":  {"a machine that never comes up can be stopped", "stop", off(strategy(kubevirt.RunStrategyAlways), status(kubevirt.StatusCrashLoopBackOff)), ""},
		"StopEnded":    {"its guest switched it off already", "stop", off(strategy(kubevirt.RunStrategyRerunOnFailure)), "The machine is not running."},
		"StopDeleted":  {"it goes anyway", "stop", on(deleted), "The machine is being deleted."},

		"ForceStopping": {"the plug is for a machine that hangs", "forceStop", on(status(kubevirt.StatusStopping)), ""},
		"ForceRunning":  {"ask first", "forceStop", on(), "The machine is not stopping. Stop it first."},
		"ForceOff":      {"nothing to pull", "forceStop", off(), "The machine is not running."},
		"ForceDeleted":  {"a machine that will not go", "forceStop", on(deleted), ""},

		"RestartOn":       {"the usual case", "restart", on(), ""},
		"RestartOff":      {"that is a start", "restart", off(), "The machine is not running."},
		"RestartOnce":     {"KubeVirt refuses this", "restart", on(strategy(kubevirt.RunStrategyOnce)), "The machine's run strategy is Once: it would not start again."},
		"RestartAsked":    {"KubeVirt refuses a second request", "restart", on(asked(kubevirt.StopRequest)), "The machine is already about to stop or start."},
		"RestartMoving":   {"KubeVirt refuses this", "restart", on(volumesMoving), "The machine's volumes are being moved."},
		"RestartStopping": {"one thing after the other", "restart", on(status(kubevirt.StatusStopping)), "The machine is stopping."},
		"RestartDeleted":  {"too late", "restart", on(deleted), "The machine is being deleted."},

		"RebootOn":      {"ACPI is on unless it is off", "softreboot", on(), ""},
		"RebootAgent":   {"the agent can do without ACPI", "softreboot", on(acpiOff, condition(kubevirt.InstanceAgentConnected, corev1.ConditionTrue, "")), ""},
		"RebootDeaf":    {"nobody there to ask", "softreboot", on(acpiOff), "The guest cannot be asked: it has no guest agent and its ACPI is off."},
		"RebootPaused":  {"a frozen guest hears nothing", "softreboot", on(pausedNow), "The machine is paused."},
		"RebootStarts":  {"not yet", "softreboot", on(phase(kubevirt.PhaseScheduled), status(kubevirt.StatusStarting)), "The machine is not running."},
		"RebootUnseen":  {"KubeVirt decides for who may not see", "softreboot", on(unseen), ""},
		"RebootDeleted": {"too late", "softreboot", on(deleted), "The machine is being deleted."},

		"PauseOn":        {"the usual case", "pause", on(), ""},
		"PausePaused":    {"it is done already", "pause", on(pausedNow), "The machine is paused."},
		"PauseOff":       {"nothing to freeze", "pause", off(), "The machine is not running."},
		"PauseMigrating": {"a moving guest is not frozen by hand", "pause", on(migrating), "The machine is migrating."},
		"PauseProbed":    {"KubeVirt refuses this", "pause", on(probed), "The machine has a liveness probe, which would take a pause for a failure."},
		"PauseStopping":  {"on its way out", "pause", on(status(kubevirt.StatusStopping)), "The machine is stopping."},

		"UnpausePaused":   {"the usual case", "unpause", on(pausedNow), ""},
		"UnpauseOn":       {"nothing to thaw", "unpause", on(), "The machine is not paused."},
		"UnpauseOff":      {"nothing at all", "unpause", off(), "The machine is not running."},
		"UnpauseSnapshot": {"KubeVirt refuses this", "unpause", on(pausedNow, snapshot), "A snapshot of the machine is being taken."},
		"UnpauseDeleted":  {"too late", "unpause", on(pausedNow, deleted), "The machine is being deleted."},

		"MigrateOn":       {"the usual case", "migrate", on(), ""},
		"MigrateOff":      {"nothing to move", "migrate", off(), "The machine is not running."},
		"MigrateMoving":   {"one move at a time", "migrate", on(migrating), "The machine is already migrating."},
		"MigratePending":  {"also one that has not begun", "migrate", on(migrating, status(kubevirt.StatusRunning)), "The machine is already migrating."},
		"MigrateUnable":   {"the node says why", "migrate", on(condition(kubevirt.InstanceLiveMigratable, corev1.ConditionFalse, "its disk is not shared")), "The machine cannot be migrated: its disk is not shared"},
		"MigrateUnknown":  {"the node has not looked", "migrate", on(condition(kubevirt.InstanceReady, corev1.ConditionTrue, "")), "It is not known yet whether the machine can be migrated."},
		"MigrateNowhere":  {"a site with one node", "migrate", on(func(m *Machine) { m.Targets = nil }), "There is no other node that the machine could run on."},
		"MigrateUnseen":   {"who may not see it may not move it", "migrate", on(unseen), "You have no right to see where the machine runs."},
		"MigrateStopping": {"on its way out", "migrate", on(status(kubevirt.StatusStopping)), "The machine is stopping."},
		"MigrateDeleted":  {"too late", "migrate", on(deleted), "The machine is being deleted."},

		"NodesOn":  {"who could migrate may ask where to", "findMigratableNodes", on(), ""},
		"NodesOff": {"and who could not, not", "findMigratableNodes", off(), "The machine is not running."},

		"AbortMoving":  {"the usual case", "abortMigration", on(migrating), ""},
		"AbortOn":      {"nothing to give up", "abortMigration", on(), "The machine is not migrating."},
		"AbortAborted": {"it is done already", "abortMigration", on(migrating, aborted), "The migration is already being given up."},

		"CloneOff":      {"a machine that is off can have a twin", "clone", off(), ""},
		"CloneOn":       {"and one that runs", "clone", on(), ""},
		"CloneDeleted":  {"too late", "clone", on(deleted), "The machine is being deleted."},
		"CloneMoving":   {"a volume that moves is in two places", "clone", on(volumesMoving), "A volume of the machine is being moved to another claim."},
		"CloneHostDisk": {"a file of one node cannot be copied by a storage", "clone", off(hostDisk), "Volume scratch is a file of one node (hostDisk), which cannot be copied."},
		"CloneDump":     {"a dump is nothing to start from", "clone", off(memoryDump), "Volume dump is a dump of the machine's memory, which is not copied. Remove it first."},
		"CloneTPM":      {"keys are not copied", "clone", off(persistentTPM), "What the machine's TPM keeps (devices.tpm.persistent) cannot be copied."},

		"MoveOn":        {"the usual case", "storageMigration", on(), ""},
		"MoveOff":       {"the bytes go with the guest", "storageMigration", off(), "The machine is not running."},
		"MovePaused":    {"a frozen guest is left alone", "storageMigration", on(pausedNow), "The machine is paused."},
		"MoveMoving":    {"one at a time", "storageMigration", on(volumesMoving), "A volume of the machine is being moved to another claim. One moves at a time."},
		"MoveBegun":     {"also one that KubeVirt has not heard of", "storageMigration", on(templated(`[{"metadata":{"name":"a"},"targetVolume":"b"}]`)), "A volume of the machine is being moved to another claim. One moves at a time."},
		"MoveMigrating": {"one thing after the other", "storageMigration", on(migrating), "The machine is migrating."},
		"MoveUnable":    {"the node says why", "storageMigration", on(condition(kubevirt.InstanceStorageMigratable, corev1.ConditionFalse, "it has a GPU")), "The machine's volumes cannot be moved: it has a GPU"},
		"MoveNowhere":   {"a site with one node", "storageMigration", on(func(m *Machine) { m.Targets = nil }), "There is no other node that the machine could run on, and its volumes move when it does."},
		"MoveFixed":     {"KubeVirt moves those together or not at all", "storageMigration", on(fixed("a"), fixed("b")), "Volumes [a b] can each be reached from one node only, so none of them can move without the others."},
		"MoveUnseen":    {"who may not see it may not move it", "storageMigration", on(unseen), "You have no right to see where the machine runs."},

		"MoveSnapshot":  {"KubeVirt refuses other volumes", "storageMigration", on(snapshot), "A snapshot of the machine is being taken."},
		"StartSnapshot": {"KubeVirt refuses another run strategy", "start", off(snapshot), "A snapshot of the machine is being taken."},
		"StopSnapshot":  {"likewise", "stop", on(snapshot), "A snapshot of the machine is being taken."},

		"CancelSnapshot":  {"KubeVirt refuses other volumes", "cancelStorageMigration", on(volumeUnderWay, changing, snapshot), "A snapshot of the machine is being taken."},
		"CancelNone":      {"nothing to give up", "cancelStorageMigration", on(), "No volume of the machine is being moved."},
		"CancelMoving":    {"the usual case", "cancelStorageMigration", on(volumeUnderWay, changing), ""},
		"CancelBeginning": {"KubeVirt would mistake it for another move", "cancelStorageMigration", on(volumeUnderWay), "The move is only just beginning. Try again in a moment."},
		"CancelArrived":   {"too late", "cancelStorageMigration", on(volumeOn("b"), templated(`[{"metadata":{"name":"a"},"targetVolume":"b"}]`)), "The volume has arrived already."},
		"CancelBroken":    {"a move that broke off when the machine stopped is taken back", "cancelStorageMigration", off(volumeOn("b"), templated(`[{"metadata":{"name":"a"},"targetVolume":"b"}]`)), ""},

		"Backup":   {"not in this release", "backup", on(), "This release of Croft makes no backups of machines yet; a later one does."},
		"Snapshot": {"not in this release", "snapshot", on(), "This release of Croft takes no snapshots of machines yet; a later one does."},
		"Restore":  {"not in this release", "restore", off(), "This release of Croft restores no machines yet; a later one does."},

		"DismissTold":    {"there is something to forget", "dismissInsufficientResourceQuota", off(told), ""},
		"DismissDeleted": {"too late", "dismissInsufficientResourceQuota", off(told, deleted), "The machine is being deleted."},
		"DismissUntold":  {"there is nothing", "dismissInsufficientResourceQuota", off(), "The machine has no message about a quota."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for _, action := range Actions {
				if action.Name != tc.action {
					continue
				}
				if diff := cmp.Diff(tc.want, action.Unless(tc.machine)); diff != "" {
					t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
				}
				return
			}
			t.Errorf("there is no action %s", tc.action)
		})
	}
}

// asked is a machine for which KubeVirt has accepted a request: StartRequest or StopRequest.
func asked(action kubevirt.StateChangeAction) func(*Machine) {
	return func(m *Machine) {
		m.VM.Status.StateChangeRequests = append(m.VM.Status.StateChangeRequests, kubevirt.StateChangeRequest{Action: action})
	}
}

func recovery(m *Machine) {
	m.VM.Status.Conditions = append(m.VM.Status.Conditions, kubevirt.VirtualMachineCondition{
		Type: kubevirt.ConditionManualRecovery, Status: corev1.ConditionTrue, Message: "disk lost",
	})
}

func volumesMoving(m *Machine) {
	m.VM.Status.Conditions = append(m.VM.Status.Conditions, kubevirt.VirtualMachineCondition{
		Type: kubevirt.ConditionType(kubevirt.InstanceVolumesChange), Status: corev1.ConditionTrue,
	})
}

// volume plugs a volume into a machine and into its instance.
func volume(name string, source kubevirt.VolumeSource) func(*Machine) {
	return func(m *Machine) {
		if m.VM.Spec.Template == nil {
			m.VM.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
		}
		spec := &m.VM.Spec.Template.Spec
		spec.Volumes = append(spec.Volumes, kubevirt.Volume{Name: name, VolumeSource: source})
		if m.VMI != nil {
			m.VMI.Spec.Volumes = spec.Volumes
		}
	}
}

// volumeOn is a volume on a claim.
func volumeOn(claim string) func(*Machine) {
	source := &kubevirt.PersistentVolumeClaimVolumeSource{}
	source.ClaimName = claim
	return volume("disk", kubevirt.VolumeSource{PersistentVolumeClaim: source})
}

func hostDisk(m *Machine) {
	volume("scratch", kubevirt.VolumeSource{HostDisk: &kubevirt.HostDisk{}})(m)
}

func memoryDump(m *Machine) {
	volume("dump", kubevirt.VolumeSource{MemoryDump: &kubevirt.MemoryDumpVolumeSource{}})(m)
}

func persistentTPM(m *Machine) {
	m.VM.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	m.VM.Spec.Template.Spec.Domain.Devices.TPM = &kubevirt.TPMDevice{Persistent: ptr.To(true)}
}

func templated(text string) func(*Machine) {
	return func(m *Machine) {
		m.VM.Annotations = map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: text}
	}
}

func told(m *Machine) {
	m.VM.Annotations = map[string]string{harvesterv1.AnnotationInsufficientQuota: "2Gi of memory are missing"}
}

// fixed is a volume that one node alone can reach.
func fixed(name string) func(*Machine) {
	return func(m *Machine) {
		m.VMI.Status.VolumeStatus = append(m.VMI.Status.VolumeStatus, kubevirt.VolumeStatus{
			Name: name, PersistentVolumeClaimInfo: &kubevirt.PersistentVolumeClaimInfo{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			},
		})
	}
}

// volumeUnderWay is a volume that KubeVirt moves from claim a to claim b.
func volumeUnderWay(m *Machine) {
	volumeOn("b")(m)
	m.VMI.Status.MigratedVolumes = []kubevirt.MigratedVolume{{
		VolumeName:         "disk",
		SourcePVCInfo:      &kubevirt.PersistentVolumeClaimInfo{ClaimName: "a"},
		DestinationPVCInfo: &kubevirt.PersistentVolumeClaimInfo{ClaimName: "b"},
	}}
}

func changing(m *Machine) { condition(kubevirt.InstanceVolumesChange, corev1.ConditionTrue, "")(m) }

func acpiOff(m *Machine) {
	m.VMI.Spec.Domain.Features = &kubevirt.Features{ACPI: kubevirt.FeatureState{Enabled: ptr.To(false)}}
}

func probed(m *Machine) { m.VMI.Spec.LivenessProbe = &kubevirt.Probe{} }

func snapshot(m *Machine) { m.VM.Status.SnapshotInProgress = ptr.To("daily") }

func aborted(m *Machine) { m.Migration.DeletionTimestamp = ptr.To(metav1.Now()) }

// TestPermissionOf holds that a right to an object of the machine's name is none to what is made or deleted for it, which
// has another.
func TestPermissionOf(t *testing.T) {
	for _, action := range Actions {
		want := "web"
		others := []string{
			"abortMigration", "clone", "createTemplate", "backup", "snapshot", "restore", "updateResourceQuota", "deleteResourceQuota",
		}
		if slices.Contains(others, action.Name) {
			want = ""
		}
		if within, got := action.Permission.At("default", "web"); within != "default" || got != want {
			t.Errorf("%s asks for the right to an object named %s/%q, want %q", action.Name, within, got, want)
		}
	}
}

// TestStateSaysWhyItIsOff holds that a machine that was switched off for want of room says so, and no other does.
func TestStateSaysWhyItIsOff(t *testing.T) {
	m := off(told)
	if got := state(m).Message; got != "2Gi of memory are missing" {
		t.Errorf("a person must act, and hears of it: %q", got)
	}
	status(kubevirt.StatusRunning)(&m)
	if got := state(m).Message; got != "" {
		t.Errorf("a machine that runs has found room: %q", got)
	}
}
