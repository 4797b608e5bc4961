package announce_test

import (
	"maps"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/announce"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api,
		manager.Open(kubevirt.VirtualMachineInstanceKind, false), manager.Open(kubevirt.MigrationKind, true)))
}

const (
	state  = "harvesterhci.io/migrationState"
	uid    = "harvesterhci.io/migrationUID"
	target = "harvesterhci.io/migrationTargetNodeName"
)

func migration(changes ...func(*kubevirt.Migration)) *kubevirt.Migration {
	m := &kubevirt.Migration{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-move", UID: "u"}}
	m.Spec.VMIName = "web"
	for _, change := range changes {
		change(m)
	}
	return m
}

func phase(phase kubevirt.MigrationPhase) func(*kubevirt.Migration) {
	return func(m *kubevirt.Migration) { m.Status.Phase = phase }
}

func to(node string) func(*kubevirt.Migration) {
	return func(m *kubevirt.Migration) {
		m.Spec.AddedNodeSelector = map[string]string{"kubernetes.io/hostname": node}
	}
}

func given(node string) func(*kubevirt.Migration) {
	return func(m *kubevirt.Migration) { m.Status.MigrationState = &kubevirt.MigrationState{TargetNode: node} }
}

func deleted(m *kubevirt.Migration) { m.DeletionTimestamp = &metav1.Time{} }

func TestNoted(t *testing.T) {
	old := map[string]string{state: "Migrating", uid: "old", target: "n1", "a": "b"}
	cases := map[string]struct {
		reason      string
		annotations map[string]string
		migration   *kubevirt.Migration
		want        map[string]string
	}{
		"None":      {"nothing is noted of what does not migrate", nil, nil, map[string]string{}},
		"Over":      {"what is over is noted no more, and the rest stays", old, nil, map[string]string{"a": "b"}},
		"New":       {"a migration waits until there is a pod to go to", nil, migration(), map[string]string{state: "Pending migration", uid: "u"}},
		"Pending":   {"so does one without its turn, wherever it is to go", nil, migration(phase("Pending"), to("n2")), map[string]string{state: "Pending migration", uid: "u", target: "n2"}},
		"Running":   {"bytes are on their way", nil, migration(phase(kubevirt.MigrationRunning)), map[string]string{state: "Migrating", uid: "u"}},
		"Another":   {"of an older migration nothing is left", old, migration(phase(kubevirt.MigrationRunning)), map[string]string{state: "Migrating", uid: "u", "a": "b"}},
		"Given":     {"where KubeVirt has it go is where it goes", nil, migration(phase(kubevirt.MigrationRunning), given("n3")), map[string]string{state: "Migrating", uid: "u", target: "n3"}},
		"GivenUp":   {"one that is deleted is given up", nil, migration(phase(kubevirt.MigrationRunning), deleted), map[string]string{state: "Aborting migration", uid: "u"}},
		"GivenUpAt": {"also before it has begun", nil, migration(deleted), map[string]string{state: "Aborting migration", uid: "u"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			before := maps.Clone(tc.annotations)
			if diff := cmp.Diff(tc.want, announce.Noted(tc.annotations, tc.migration)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(before, tc.annotations); diff != "" {
				t.Errorf("what is given stays: -want +got:\n%s", diff)
			}
		})
	}
}

// TestAnnounce follows an instance through a migration, and finds one whose migration has ended unseen.
func TestAnnounce(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return announce.New(to).SetUp(to) },
	})
	left := instance("left", map[string]string{state: "Migrating", uid: "gone", "a": "b"})
	c.MakeUnheard(left)
	other := instance("other", nil)
	c.Make(other)
	web := instance("web", nil)
	c.Make(web)
	move := migration(to("n2"))
	move.UID = ""
	c.Make(move)
	id := string(move.UID)
	noted := func(vmi *kubevirt.VirtualMachineInstance, what string, want map[string]string) {
		t.Helper()
		manager.Until(c, vmi, what, func(vmi *kubevirt.VirtualMachineInstance) bool {
			return maps.Equal(vmi.Annotations, want)
		})
	}
	noted(web, "wait for its migration", map[string]string{state: "Pending migration", uid: id, target: "n2"})
	manager.Report(c, move, phase(kubevirt.MigrationRunning))
	noted(web, "migrate", map[string]string{state: "Migrating", uid: id, target: "n2"})
	manager.Report(c, move, phase(kubevirt.MigrationSucceeded))
	noted(web, "have arrived", nil)
	noted(left, "be told the truth", map[string]string{"a": "b"})
	if err := c.Get(t.Context(), client.ObjectKeyFromObject(other), other); err != nil || len(other.Annotations) != 0 {
		t.Errorf("one that does not migrate is let be: %v, %v", other.Annotations, err)
	}
}

func instance(name string, annotations map[string]string) *kubevirt.VirtualMachineInstance {
	return &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Annotations: annotations}}
}
