package maintain_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/backend/node/maintain"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

func TestPlan(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	attempt := func(ago time.Duration, phase kubevirt.MigrationPhase) func(*maintain.Guest) {
		return func(g *maintain.Guest) {
			g.Tried = append(g.Tried, kubevirt.Migration{
				ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.NewTime(now.Add(-ago))},
				Status:     kubevirt.MigrationStatus{Phase: phase},
			})
		}
	}
	asks := func(strategy string) func(*maintain.Guest) {
		return func(g *maintain.Guest) {
			g.VM.Labels = map[string]string{harvesterv1.LabelMaintenanceStrategy: strategy}
		}
	}
	evicts := func(strategy kubevirt.EvictionStrategy) func(*maintain.Guest) {
		return func(g *maintain.Guest) { g.VMI.Spec.EvictionStrategy = &strategy }
	}
	pinned := func(g *maintain.Guest) {
		g.VMI.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{{
			Type: kubevirt.InstanceLiveMigratable, Status: corev1.ConditionFalse, Message: "it has a device of the host",
		}}
	}
	cases := map[string]struct {
		reason   string
		is       []func(*maintain.Guest)
		forced   bool
		want     maintain.Deed
		sentence string
	}{
		"Plain":          {"what can be migrated is", nil, false, maintain.Move, ""},
		"Asked":          {"so is what says so", []func(*maintain.Guest){asks("Migrate")}, false, maintain.Move, ""},
		"Alone":          {"an instance without a machine too", []func(*maintain.Guest){func(g *maintain.Guest) { g.VM = nil }}, false, maintain.Move, ""},
		"KubeVirt":       {"KubeVirt moves what its eviction strategy says so of", []func(*maintain.Guest){evicts(kubevirt.EvictionStrategyLiveMigrate)}, false, maintain.Await, ""},
		"IfPossible":     {"also when it is only if possible", []func(*maintain.Guest){evicts(kubevirt.EvictionStrategyLiveMigrateIfPossible)}, false, maintain.Await, ""},
		"None":           {"but not what it would kill", []func(*maintain.Guest){evicts(kubevirt.EvictionStrategyNone)}, false, maintain.Move, ""},
		"External":       {"nor what somebody else is to move: that is us", []func(*maintain.Guest){evicts(kubevirt.EvictionStrategyExternal)}, false, maintain.Move, ""},
		"Shutdown":       {"a machine that asks to be shut down is", []func(*maintain.Guest){asks("Shutdown")}, false, maintain.ShutDown, ""},
		"Elsewhere":      {"also when it is started again", []func(*maintain.Guest){asks("ShutdownAndRestartAfterEnable")}, false, maintain.ShutDown, ""},
		"After":          {"whenever that is", []func(*maintain.Guest){asks("ShutdownAndRestartAfterDisable")}, false, maintain.ShutDown, ""},
		"AsksAndCannot":  {"and however it is made", []func(*maintain.Guest){pinned, asks("Shutdown")}, false, maintain.ShutDown, ""},
		"Stuck":          {"what cannot be moved stays, with the reason", []func(*maintain.Guest){pinned}, false, maintain.Stuck, "cannot be migrated: it has a device of the host"},
		"Forced":         {"unless a person wants the node at that price", []func(*maintain.Guest){pinned}, true, maintain.ShutDown, ""},
		"ForcedMovable":  {"who still does not want machines shut down that can be moved", nil, true, maintain.Move, ""},
		"ForcedFailed":   {"one that has tried and failed cannot", []func(*maintain.Guest){attempt(time.Second, kubevirt.MigrationFailed)}, true, maintain.ShutDown, ""},
		"Moving":         {"a migration that is under way is enough", []func(*maintain.Guest){attempt(time.Hour, kubevirt.MigrationRunning)}, true, maintain.Await, ""},
		"JustFailed":     {"a migration that has just failed would fail again", []func(*maintain.Guest){attempt(59*time.Second, kubevirt.MigrationFailed)}, false, maintain.Await, ""},
		"FailedLongAgo":  {"later it is tried again", []func(*maintain.Guest){attempt(time.Minute, kubevirt.MigrationFailed)}, false, maintain.Move, ""},
		"Stopping":       {"what stops leaves by itself", []func(*maintain.Guest){func(g *maintain.Guest) { g.VMI.DeletionTimestamp = ptr.To(metav1.NewTime(now)) }}, true, maintain.Await, ""},
		"Ended":          {"what has ended has left", []func(*maintain.Guest){func(g *maintain.Guest) { g.VMI.Status.Phase = kubevirt.PhaseSucceeded }}, true, maintain.Await, ""},
		"NobodyKnowsYet": {"KubeVirt will say whether it can be migrated", []func(*maintain.Guest){func(g *maintain.Guest) { g.VMI.Status.Conditions = nil }}, true, maintain.Move, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			guest := maintain.Guest{VM: &kubevirt.VirtualMachine{}, VMI: &kubevirt.VirtualMachineInstance{}}
			guest.VMI.Status.Phase = kubevirt.PhaseRunning
			for _, is := range tc.is {
				is(&guest)
			}
			deed, sentence := maintain.Plan(guest, tc.forced, now)
			if deed != tc.want || sentence != tc.sentence {
				t.Errorf("%s: want %s %q, got %s %q", tc.reason, tc.want, tc.sentence, deed, sentence)
			}
		})
	}
}
