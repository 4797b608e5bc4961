package node

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/longhorn"
)

// machine is one that runs on a node, with a strategy for maintenances and a claim of its own name.
func machine(name, node, strategy string, changes ...func(*kubevirt.VirtualMachineInstance)) []client.Object {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: "u"}}
	vm.Labels = map[string]string{harvesterv1.LabelMaintenanceStrategy: strategy}
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: name, Labels: map[string]string{kubevirt.NodeNameLabel: node},
		OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(vm, kubevirt.VirtualMachineKind)},
	}}
	vmi.Status.Phase = kubevirt.PhaseRunning
	source := &kubevirt.PersistentVolumeClaimVolumeSource{}
	source.ClaimName = name
	vmi.Spec.Volumes = []kubevirt.Volume{{Name: "root", VolumeSource: kubevirt.VolumeSource{PersistentVolumeClaim: source}}}
	for _, change := range changes {
		change(vmi)
	}
	return []client.Object{vm, vmi}
}

func held(vmi *kubevirt.VirtualMachineInstance) {
	vmi.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{{
		Type: kubevirt.InstanceLiveMigratable, Status: "False", Message: "it has a device",
	}}
}

func ended(vmi *kubevirt.VirtualMachineInstance) { vmi.Status.Phase = kubevirt.PhaseSucceeded }

// volume is a claim's, with copies on nodes.
func volume(claim string, nodes ...string) []client.Object {
	v := &longhorn.Volume{ObjectMeta: metav1.ObjectMeta{Namespace: longhorn.Namespace, Name: "pvc-" + claim}}
	v.Status.KubernetesStatus = longhorn.KubernetesStatus{Namespace: "default", PVCName: claim}
	all := []client.Object{v}
	for _, node := range nodes {
		all = append(all, &longhorn.Replica{
			ObjectMeta: metav1.ObjectMeta{Namespace: longhorn.Namespace, Name: v.Name + "-" + node},
			Spec:       longhorn.ReplicaSpec{VolumeName: v.Name, NodeID: node, HealthyAt: "2026-01-01T00:00:00Z"},
		})
	}
	return all
}

func TestListUnhealthy(t *testing.T) {
	const cannot = "cannot be migrated: it has a device"
	cases := map[string]struct {
		reason string
		there  [][]client.Object
		want   []UnhealthyMachines
	}{
		"Well":        {"it moves, and its volume is elsewhere too", [][]client.Object{machine("web", "a", ""), volume("web", "a", "b")}, []UnhealthyMachines{}},
		"Held":        {"it does not move", [][]client.Object{machine("web", "a", "", held)}, []UnhealthyMachines{{cannot, []string{"default/web"}}}},
		"HeldThere":   {"nobody asks it to", [][]client.Object{machine("web", "b", "", held)}, []UnhealthyMachines{}},
		"HeldDown":    {"it is shut down", [][]client.Object{machine("web", "a", "Shutdown", held)}, []UnhealthyMachines{}},
		"Loses":       {"it moves away, and its disk does not", [][]client.Object{machine("web", "a", ""), volume("web", "a")}, []UnhealthyMachines{{lastCopy, []string{"default/web"}}}},
		"LosesThere":  {"its disk is here, and it is not", [][]client.Object{machine("web", "b", ""), volume("web", "a")}, []UnhealthyMachines{{lastCopy, []string{"default/web"}}}},
		"LosesNone":   {"its disk is where it is", [][]client.Object{machine("web", "b", ""), volume("web", "b")}, []UnhealthyMachines{}},
		"LosesDown":   {"it is off by then", [][]client.Object{machine("web", "a", "Shutdown"), volume("web", "a")}, []UnhealthyMachines{}},
		"LosesAgain":  {"it is started elsewhere, without its disk", [][]client.Object{machine("web", "a", "ShutdownAndRestartAfterEnable"), volume("web", "a")}, []UnhealthyMachines{{lastCopy, []string{"default/web"}}}},
		"LosesRemote": {"nobody shuts down what runs elsewhere", [][]client.Object{machine("web", "b", "Shutdown"), volume("web", "a")}, []UnhealthyMachines{{lastCopy, []string{"default/web"}}}},
		"Ended":       {"what has ended loses nothing", [][]client.Object{machine("web", "b", "", ended), volume("web", "a")}, []UnhealthyMachines{}},
		"Others":      {"each by its reason, in order", [][]client.Object{machine("z", "b", ""), machine("y", "a", "", held), machine("x", "c", ""), volume("z", "a"), volume("x", "a")}, []UnhealthyMachines{{cannot, []string{"default/y"}}, {lastCopy, []string{"default/x", "default/z"}}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			kinds := runtime.NewScheme()
			if err := Capability.Scheme.AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			live := fake.NewClientBuilder().WithScheme(kinds)
			for _, objects := range tc.there {
				live.WithObjects(objects...)
			}
			got, err := listUnhealthy(t.Context(), capability.Caller{Client: live.Build()}, a("a"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
