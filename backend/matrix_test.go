package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// stance is a state of a machine, written as KubeVirt's controllers would.
type stance struct {
	name string
	take func(t *testing.T, name string)
}

// stances are the states that a machine can be in, in the order of its life.
var stances = []stance{
	{"stopped", func(t *testing.T, name string) { halted(t, name, nil) }},
	{"provisioning", func(t *testing.T, name string) { waiting(t, name, kubevirt.StatusProvisioning) }},
	{"starting", func(t *testing.T, name string) { instanced(t, name, kubevirt.StatusStarting, kubevirt.PhaseScheduling) }},
	{"running", func(t *testing.T, name string) { instanced(t, name, kubevirt.StatusRunning, kubevirt.PhaseRunning) }},
	{"paused", func(t *testing.T, name string) {
		instanced(t, name, kubevirt.StatusPaused, kubevirt.PhaseRunning, kubevirt.InstancePaused)
	}},
	{"migrating", func(t *testing.T, name string) {
		instanced(t, name, kubevirt.StatusMigrating, kubevirt.PhaseRunning)
		migration := &kubevirt.Migration{ObjectMeta: metav1.ObjectMeta{Namespace: home, GenerateName: name + "-"}}
		migration.Spec.VMIName = name
		create(t, migration)
	}},
	{"moving a volume", func(t *testing.T, name string) {
		instanced(t, name, kubevirt.StatusRunning, kubevirt.PhaseRunning)
		m := read(t, &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}})
		m.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim.ClaimName = name + "-fast"
		m.Annotations = map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: fmt.Sprintf(
			`[{"metadata":{"name":"%s-root"},"targetVolume":"%s-fast"}]`, name, name)}
		if err := site.admin.Update(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}},
	{"stopping", func(t *testing.T, name string) { instanced(t, name, kubevirt.StatusStopping, kubevirt.PhaseRunning) }},
	{"failing", func(t *testing.T, name string) { waiting(t, name, kubevirt.StatusCrashLoopBackOff) }},
	{"unschedulable", func(t *testing.T, name string) {
		instanced(t, name, kubevirt.StatusUnschedulable, kubevirt.PhaseScheduling)
	}},
	{"terminating", func(t *testing.T, name string) {
		m := vm(name, kubevirt.RunStrategyHalted)
		m.Finalizers = []string{"test.crofthci.io/keep"}
		create(t, m)
		tell(t, m, kubevirt.StatusStopped)
		if err := site.admin.Delete(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}},
}

// waiting is a machine that KubeVirt keeps trying to start.
func waiting(t *testing.T, name string, word kubevirt.PrintableStatus) *kubevirt.VirtualMachine {
	t.Helper()
	m := vm(name, kubevirt.RunStrategyRerunOnFailure)
	create(t, m)
	tell(t, m, word)
	return m
}

// instanced is a machine with an instance on node a.
func instanced(
	t *testing.T, name string, word kubevirt.PrintableStatus, phase kubevirt.Phase, also ...kubevirt.InstanceConditionType,
) {
	t.Helper()
	m := waiting(t, name, word)
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
	vmi.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(m, kubevirt.VirtualMachineKind)}
	vmi.Spec = m.Spec.Template.Spec
	if err := site.kubevirt.Create(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, vmi) })
	vmi.Status.Phase, vmi.Status.NodeName = phase, "a"
	for _, kind := range append(also, kubevirt.InstanceLiveMigratable) {
		vmi.Status.Conditions = append(vmi.Status.Conditions, kubevirt.VirtualMachineInstanceCondition{Type: kind, Status: corev1.ConditionTrue})
	}
	if err := site.kubevirt.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
}

// expected is what the rules say of a machine, with all that there is of it: why not, for each action.
func expected(t *testing.T, name string) map[string]string {
	t.Helper()
	m := virtualmachine.Machine{VM: read(t, &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}})}
	vmi := &kubevirt.VirtualMachineInstance{}
	if site.admin.Get(t.Context(), client.ObjectKey{Namespace: home, Name: name}, vmi) == nil {
		m.VMI = vmi
	}
	if vmi.Status.Phase == kubevirt.PhaseRunning {
		m.Targets = []virtualmachine.Target{{Name: "b"}, {Name: "c"}}
	}
	if m.VM.Status.PrintableStatus == kubevirt.StatusMigrating {
		m.Migration = &kubevirt.Migration{}
	}
	reasons := map[string]string{}
	for _, action := range virtualmachine.Actions {
		if sentence := action.Unless(m); sentence != "" {
			reasons[action.Name] = sentence
		}
	}
	return reasons
}

// TestMatrix asks for every action of a machine in every state as every kind of user, and compares the answers with the
// table that people read. What is offered is not done here: each action's own test does it.
func TestMatrix(t *testing.T) {
	for _, role := range documents[rbacv1.ClusterRole](t, render(t, nil), "ClusterRole") {
		if strings.HasPrefix(role.Name, "harvesterhci.io:") {
			stay(t, &role)
		}
	}
	stay(t, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespacePublic, Name: stranger},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "kubevirt.io:edit"},
		Subjects:   subject(stranger),
	})
	users := []string{admin, editor, reader, stranger}
	cells := map[string]string{}
	for _, state := range stances {
		t.Run(state.name, func(t *testing.T) {
			name := "is-" + strings.ReplaceAll(state.name, " ", "-")
			state.take(t, name)
			want := expected(t, name)
			eventually(t, "the backend has heard of all", func() bool {
				return cmp.Equal(want, ask(t, admin, http.MethodGet, machines+name, "").body.Unavailable)
			})
			for _, user := range users {
				answers(t, user, name, func(action, answer string) { cells[user+" "+action+" "+state.name] = answer })
			}
		})
	}
	golden(t, "actions.golden.md", table(users, cells))
}

// answers tells what a user is answered for each action of a machine.
func answers(t *testing.T, user, name string, tell func(action, answer string)) {
	t.Helper()
	offered := ask(t, user, http.MethodGet, machines+name, "").body.Actions
	for _, action := range virtualmachine.Actions {
		if offered[action.Name] != "" {
			tell(action.Name, "yes")
			continue
		}
		got := ask(t, user, http.MethodPost, machines+name+"?action="+action.Name, "")
		if got.status != http.StatusForbidden && got.status != http.StatusConflict {
			t.Errorf("%s %s as %s is not offered, and is answered with %d: %s", action.Name, name, user, got.status, got.text)
		}
		if got.body.Message == "" {
			t.Errorf("%s %s as %s: %d without a reason", action.Name, name, user, got.status)
		}
		tell(action.Name, fmt.Sprint(got.status))
	}
}

// table is a page with a table of actions and states for each user.
func table(users []string, cells map[string]string) string {
	meaning := map[string]string{
		admin: "may do everything", editor: "has Kubernetes' role edit in the namespace",
		reader: "has Kubernetes' role view in the namespace", stranger: "has rights in another namespace alone",
	}
	var page strings.Builder
	page.WriteString("# Who may do what to a machine, and when\n\nWritten by TestMatrix. `yes` is offered, 409 cannot be done in this " +
		"state, 403 needs a right that the user has not.\n")
	for _, user := range users {
		fmt.Fprintf(&page, "\n## %s: %s\n\n| Action |", user, meaning[user])
		for _, state := range stances {
			fmt.Fprintf(&page, " %s |", state.name)
		}
		page.WriteString("\n|---|" + strings.Repeat("---|", len(stances)) + "\n")
		for _, action := range virtualmachine.Actions {
			fmt.Fprintf(&page, "| `%s` |", action.Name)
			for _, state := range stances {
				fmt.Fprintf(&page, " %s |", cells[user+" "+action.Name+" "+state.name])
			}
			page.WriteString("\n")
		}
	}
	return page.String()
}

// golden compares a text with the file that people read, and writes that anew when it is told to.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(here(), "testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}
