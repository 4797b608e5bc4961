package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine"
	"crofthci.io/croft/pkg/kubevirt"
)

const machines = "/v1/harvester/kubevirt.io.virtualmachines/default/"

// vm is a machine for these tests.
func vm(name string, strategy kubevirt.RunStrategy) *kubevirt.VirtualMachine {
	m := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
	m.Spec.RunStrategy = &strategy
	m.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	m.Spec.Template.Spec.Architecture = "amd64"
	m.Spec.Template.Spec.TerminationGracePeriodSeconds = ptr.To(int64(60))
	m.Spec.Template.Spec.Domain.Memory = &kubevirt.Memory{Guest: ptr.To(resource.MustParse("64Mi"))}
	m.Spec.Template.Spec.Domain.Devices.Disks = []kubevirt.Disk{{Name: "root"}}
	m.Spec.Template.Spec.Volumes = []kubevirt.Volume{{Name: "root"}}
	m.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim = &kubevirt.PersistentVolumeClaimVolumeSource{}
	m.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim.ClaimName = name + "-root"
	return m
}

// halted is a machine that KubeVirt has looked at and left off.
func halted(t *testing.T, name string, annotations map[string]string) *kubevirt.VirtualMachine {
	t.Helper()
	m := vm(name, kubevirt.RunStrategyHalted)
	m.Annotations = annotations
	create(t, m)
	tell(t, m, kubevirt.StatusStopped)
	return m
}

// running is a machine with an instance on node a, as KubeVirt's controllers would have written it.
func running(t *testing.T, name string) *kubevirt.VirtualMachine {
	t.Helper()
	m := vm(name, kubevirt.RunStrategyRerunOnFailure)
	create(t, m)
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
	vmi.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(m, kubevirt.VirtualMachineKind)}
	vmi.Spec = m.Spec.Template.Spec
	if err := site.kubevirt.Create(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, vmi) })
	vmi.Status.Phase = kubevirt.PhaseRunning
	vmi.Status.NodeName = "a"
	vmi.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{
		{Type: kubevirt.InstanceLiveMigratable, Status: corev1.ConditionTrue},
	}
	if err := site.kubevirt.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	m.Status.Created, m.Status.Ready = true, true
	tell(t, m, kubevirt.StatusRunning)
	eventually(t, "the backend hears of the instance", func() bool {
		return ask(t, admin, http.MethodGet, machines+name, "").body.Actions["migrate"] != ""
	})
	return m
}

func create(t *testing.T, object client.Object) {
	t.Helper()
	if err := site.admin.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, object) })
}

// remove deletes an object with what keeps it.
func remove(t *testing.T, object client.Object) {
	t.Helper()
	ctx := context.Background()
	if err := client.IgnoreNotFound(site.admin.Delete(ctx, object)); err != nil {
		t.Error(err)
	}
	if err := site.kubevirt.Get(ctx, client.ObjectKeyFromObject(object), object); err == nil {
		object.SetFinalizers(nil)
		_ = site.kubevirt.Update(ctx, object)
	}
	eventuallyIn(ctx, t, object.GetName()+" is gone", func() bool {
		return site.admin.Get(ctx, client.ObjectKeyFromObject(object), object) != nil
	})
}

// tell writes KubeVirt's word for a machine's state.
func tell(t *testing.T, m *kubevirt.VirtualMachine, word kubevirt.PrintableStatus) {
	t.Helper()
	m.Status.PrintableStatus = word
	m.Status.Conditions = []kubevirt.VirtualMachineCondition{{Type: kubevirt.ConditionReady, Status: corev1.ConditionFalse}}
	if err := site.kubevirt.Status().Update(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func read[T client.Object](t *testing.T, object T) T {
	t.Helper()
	if err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
		t.Fatal(err)
	}
	return object
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	eventuallyIn(t.Context(), t, what, done)
}

func eventuallyIn(ctx context.Context, t *testing.T, what string, done func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, patience, true,
		func(context.Context) (bool, error) { return done(), nil })
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// act asks for an action and expects a status.
func act(t *testing.T, user, name, action, body string, want int) answer {
	t.Helper()
	got := ask(t, user, http.MethodPost, machines+name+"?action="+action, body)
	if got.status != want {
		t.Fatalf("%s %s as %s: status %d, want %d: %s", action, name, user, got.status, want, got.text)
	}
	return got
}

func TestStart(t *testing.T) {
	cases := map[string]struct {
		reason      string
		annotations map[string]string
		want        kubevirt.RunStrategy
	}{
		"Remembered": {"it goes back to what it was", map[string]string{"harvesterhci.io/vmRunStrategy": "RerunOnFailure"}, kubevirt.RunStrategyRerunOnFailure},
		"Unknown":    {"KubeVirt chooses", nil, kubevirt.RunStrategyAlways},
		"Nonsense":   {"what is no strategy is not taken for one", map[string]string{"harvesterhci.io/vmRunStrategy": "Sometimes"}, kubevirt.RunStrategyAlways},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			m := halted(t, "web", tc.annotations)
			act(t, owner, "web", "start", "", http.StatusNoContent)
			if diff := cmp.Diff(tc.want, kubevirt.StrategyOf(read(t, m))); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestStop(t *testing.T) {
	m := running(t, "web")
	act(t, owner, "web", "stop", "", http.StatusNoContent)
	read(t, m)
	if kubevirt.StrategyOf(m) != kubevirt.RunStrategyHalted || m.Annotations["harvesterhci.io/vmRunStrategy"] != "RerunOnFailure" {
		t.Errorf("a stopped machine stays off and knows what it was: %s, %v", kubevirt.StrategyOf(m), m.Annotations)
	}
}

func TestStopWithoutRightToChange(t *testing.T) {
	m := running(t, "web")
	act(t, switcher, "web", "stop", "", http.StatusNoContent)
	requests := read(t, m).Status.StateChangeRequests
	if len(requests) != 1 || requests[0].Action != kubevirt.StopRequest {
		t.Errorf("KubeVirt is asked to stop the machine: %v", requests)
	}
	act(t, switcher, "web", "start", "", http.StatusForbidden)
}

func TestForceStop(t *testing.T) {
	m := running(t, "web")
	got := act(t, owner, "web", "forceStop", "", http.StatusConflict)
	if diff := cmp.Diff("The machine is not stopping. Stop it first.", got.body.Message); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	act(t, owner, "web", "stop", "", http.StatusNoContent)
	tell(t, read(t, m), kubevirt.StatusStopping)
	act(t, owner, "web", "forceStop", "", http.StatusNoContent)
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "web"}}
	if grace := read(t, vmi).Spec.TerminationGracePeriodSeconds; grace == nil || *grace != 0 {
		t.Errorf("no time is left to the guest: %v", grace)
	}
}

func TestRestart(t *testing.T) {
	m := running(t, "web")
	act(t, owner, "web", "restart", "", http.StatusNoContent)
	if requests := read(t, m).Status.StateChangeRequests; len(requests) != 2 {
		t.Errorf("KubeVirt is asked to stop and to start: %v", requests)
	}
	got := act(t, owner, "web", "restart", "", http.StatusConflict)
	if diff := cmp.Diff("The machine is already about to stop or start.", got.body.Message); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMigrate(t *testing.T) {
	running(t, "web")
	t.Cleanup(func() {
		if err := site.admin.DeleteAllOf(context.Background(), &kubevirt.Migration{}, client.InNamespace(home)); err != nil {
			t.Error(err)
		}
	})
	nodes := act(t, mover, "web", "findMigratableNodes", "", http.StatusOK).body.Nodes
	if diff := cmp.Diff([]string{"b", "c"}, nodes); diff != "" {
		t.Errorf("the other nodes (-want +got)\n%s", diff)
	}
	act(t, owner, "web", "migrate", "", http.StatusForbidden)
	got := act(t, mover, "web", "migrate", `{"nodeName":"a"}`, http.StatusUnprocessableEntity)
	if got.body.FieldName != "nodeName" {
		t.Errorf("the node is at fault: %s", got.text)
	}
	act(t, mover, "web", "migrate", `{"nodeName":"z"}`, http.StatusUnprocessableEntity)
	act(t, mover, "web", "migrate", `{"node":"b"}`, http.StatusUnprocessableEntity)
	act(t, mover, "web", "abortMigration", "", http.StatusConflict)
	act(t, mover, "web", "migrate", `{"nodeName":"b"}`, http.StatusNoContent)
	list := &kubevirt.MigrationList{}
	if err := site.admin.List(t.Context(), list, client.InNamespace(home)); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 {
		t.Fatalf("one migration: %v", list.Items)
	}
	want := kubevirt.MigrationSpec{VMIName: "web", AddedNodeSelector: map[string]string{corev1.LabelHostname: "b.example.org"}}
	list.Items[0].Spec.Priority = nil // KubeVirt's webhook sets it
	if diff := cmp.Diff(want, list.Items[0].Spec); diff != "" {
		t.Errorf("the migration (-want +got)\n%s", diff)
	}
	act(t, mover, "web", "migrate", "", http.StatusConflict)
	eventually(t, "the backend hears of the migration", func() bool {
		return ask(t, mover, http.MethodGet, machines+"web", "").body.Actions["abortMigration"] != ""
	})
	act(t, viewer, "web", "abortMigration", "", http.StatusForbidden)
	act(t, mover, "web", "abortMigration", "", http.StatusNoContent)
	migration := &list.Items[0]
	eventually(t, "the migration is given up", func() bool {
		err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(migration), migration)
		return err != nil || migration.DeletionTimestamp != nil
	})
	release(t, migration)
}

// release lets a migration go that KubeVirt's controller would let go.
func release(t *testing.T, migration *kubevirt.Migration) {
	t.Helper()
	err := site.kubevirt.Get(t.Context(), client.ObjectKeyFromObject(migration), migration)
	if err != nil {
		return
	}
	migration.Finalizers = nil
	if err := site.kubevirt.Update(t.Context(), migration); client.IgnoreNotFound(err) != nil {
		t.Error(err)
	}
}

func TestReaderCannotAct(t *testing.T) {
	running(t, "web")
	halted(t, "off", nil)
	for action, name := range map[string]string{
		"start": "off", "stop": "web", "forceStop": "web", "restart": "web", "softreboot": "web",
		"pause": "web", "unpause": "web", "migrate": "web", "abortMigration": "web",
	} {
		act(t, viewer, name, action, "", http.StatusForbidden)
	}
}

func TestRow(t *testing.T) {
	running(t, "web")
	cases := map[string]struct {
		reason  string
		user    string
		actions []string
	}{
		"Owner":  {"KubeVirt's role for owners does not migrate", owner, []string{"addNic", "addVolume", "clone", "findHotunpluggableNics", "findMigratableNodes", "pause", "restart", "softreboot", "stop", "storageMigration"}},
		"Mover":  {"who may migrate", mover, []string{"findHotunpluggableNics", "findMigratableNodes", "migrate"}},
		"Viewer": {"who may look may ask", viewer, []string{"findHotunpluggableNics", "findMigratableNodes"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ask(t, tc.user, http.MethodGet, machines+"web", "")
			var actions []string
			for action := range got.body.Actions {
				actions = append(actions, action)
			}
			slices.Sort(actions)
			if diff := cmp.Diff(tc.actions, actions); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
			if len(got.body.Actions)+len(got.body.Unavailable) != len(virtualmachine.Actions) {
				t.Errorf("%s: every action is offered or explained: %v", tc.reason, got.body.Unavailable)
			}
			if got.body.Metadata.State.Name != "running" {
				t.Errorf("%s: state %v", tc.reason, got.body.Metadata.State)
			}
		})
	}
}

func TestRemovedDisks(t *testing.T) {
	m := halted(t, "web", nil)
	m.Finalizers = []string{"test.crofthci.io/keep"}
	if err := site.admin.Update(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := ask(t, owner, http.MethodDelete, machines+"web?removedDisks=other", "")
	if got.status != http.StatusUnprocessableEntity || got.body.FieldName != "removedDisks" {
		t.Errorf("a disk of somebody else: %d %s", got.status, got.text)
	}
	if got := ask(t, owner, http.MethodDelete, machines+"web?removedDisks=web-root&propagationPolicy=Foreground", ""); got.status >= 300 {
		t.Fatalf("status %d: %s", got.status, got.text)
	}
	read(t, m)
	if m.DeletionTimestamp == nil || m.Annotations["harvesterhci.io/removedPersistentVolumeClaims"] != "web-root" {
		t.Errorf("deleted, with its disk: %v, %v", m.DeletionTimestamp, m.Annotations)
	}
}

func TestWrongMachine(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(spec map[string]any)
		field  string
	}{
		"Misspelt":      {"a field that nobody knows would be dropped without a word", func(spec map[string]any) { domain(spec)["cpus"] = 2 }, "spec.template.spec.domain.cpus"},
		"NoTemplate":    {"KubeVirt's definition", func(spec map[string]any) { delete(spec, "template") }, "spec.template"},
		"WrongType":     {"a word for a number", func(spec map[string]any) { domain(spec)["cpu"] = map[string]any{"cores": "two"} }, "spec.template.spec.domain.cpu.cores"},
		"NoStrategy":    {"KubeVirt's webhook", func(spec map[string]any) { delete(spec, "runStrategy") }, "spec.running"},
		"MissingVolume": {"a disk of nothing", func(spec map[string]any) { delete(hardware(spec), "volumes") }, "spec.template.spec.domain.devices.disks[0].name"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			object := map[string]any{}
			body, err := json.Marshal(vm("wrong", kubevirt.RunStrategyHalted))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(body, &object); err != nil {
				t.Fatal(err)
			}
			tc.change(object["spec"].(map[string]any))
			if body, err = json.Marshal(object); err != nil {
				t.Fatal(err)
			}
			got := ask(t, owner, http.MethodPost, "/v1/harvester/kubevirt.io.virtualmachines", string(body))
			if got.status != http.StatusUnprocessableEntity || got.body.FieldName != tc.field {
				t.Errorf("%s: status %d, field %q, want 422 and %q: %s", tc.reason, got.status, got.body.FieldName, tc.field, got.text)
			}
		})
	}
}

func hardware(spec map[string]any) map[string]any {
	return spec["template"].(map[string]any)["spec"].(map[string]any)
}

func domain(spec map[string]any) map[string]any {
	return hardware(spec)["domain"].(map[string]any)
}
