package driver

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rancher/machine/libmachine/state"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// TestLife makes a machine with nothing but the rights of the chart, asks for its state, and removes it.
func TestLife(t *testing.T) {
	tn := newTenant(t)
	tn.image("debian")
	d, err := tn.driver("blue-pool1-x7k2p-abcde", map[string]any{"tags": "owner=ops"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.PreCreateCheck(); err != nil {
		t.Fatal(err)
	}
	created := make(chan error, 1)
	go func() { created <- d.Create() }()
	vmi := tn.run(d.MachineName, "192.0.2.7")
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	vm := tn.machine(d.MachineName)
	wanted := map[string]string{
		"guestcluster.harvesterhci.io/name": "blue", "nodepool.harvesterhci.io/name": "pool1", "harvesterhci.io/vmName": d.MachineName,
		"harvesterhci.io/creator": "docker-machine-driver-croft", "harvesterhci.io/machineSetName": tn.namespace + "-blue-pool1",
		"tag.harvesterhci.io/owner": "ops",
	}
	for key, value := range wanted {
		if vm.Labels[key] != value || vm.Spec.Template.ObjectMeta.Labels[key] != value {
			t.Errorf("label %s: want %s on the machine and its instance, got %s", key, value, vm.Labels[key])
		}
	}
	later := tn.kept(d)
	if ip, err := later.GetIP(); ip != "192.0.2.7" || err != nil {
		t.Errorf("its address: %s, %v", ip, err)
	}
	if url, err := later.GetURL(); url != "tcp://192.0.2.7:2376" || err != nil {
		t.Errorf("its URL: %s, %v", url, err)
	}
	tn.is(later, state.Running)
	tn.stops(later, vmi)
	tn.removes(later)
	tn.is(later, state.NotFound)
	if err := later.Remove(); err != nil {
		t.Errorf("what is gone is removed: %v", err)
	}
}

func (t tenant) is(d *Driver, want state.State) {
	t.Helper()
	if got, err := d.GetState(); got != want || err != nil {
		t.Errorf("want state %s, got %s, %v", want, got, err)
	}
}

// stops has a machine stopped while KubeVirt is played.
func (t tenant) stops(d *Driver, vmi *kubevirt.VirtualMachineInstance) {
	t.Helper()
	vm := t.machine(d.MachineName)
	vm.Status.Created, vm.Status.Ready, vm.Status.PrintableStatus = true, true, kubevirt.StatusRunning
	if err := world.kubevirt.Status().Update(t.Context(), vm); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- d.Stop() }()
	eventually(t.T, "KubeVirt is asked to stop it", func() bool {
		vm := t.machine(d.MachineName)
		return len(vm.Status.StateChangeRequests) > 0 || kubevirt.StrategyOf(vm) == kubevirt.RunStrategyHalted
	})
	t.end(vmi)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
}

// removes has a machine removed while the site is played: it has a claim for each disk, which goes after the machine.
func (t tenant) removes(d *Driver) {
	t.Helper()
	vm := t.machine(d.MachineName)
	claims, err := ownClaims(vm)
	if err != nil || len(claims) != 1 {
		t.Fatalf("claims: %v, %v", claims, err)
	}
	t.claim(claims[0], vm.Name)
	t.claim("plugged", vm.Name)
	vm.Finalizers = append(vm.Finalizers, "example.org/hold")
	if err := world.admin.Update(t.Context(), vm); err != nil {
		t.Fatal(err)
	}
	removed := make(chan error, 1)
	go func() { removed <- d.Remove() }()
	eventually(t.T, "the machine is being removed", func() bool { return t.machine(d.MachineName).DeletionTimestamp != nil })
	vm = t.machine(d.MachineName)
	if got := vm.Annotations[harvesterv1.AnnotationRemovedClaims]; got != claims[0] {
		t.Errorf("exactly its disk is to go with it: %q", got)
	}
	t.release(vm)
	select {
	case err := <-removed:
		t.Fatalf("its disk is still there, and it says that it is removed: %v", err)
	default:
	}
	t.unclaim(claims[0])
	if err := <-removed; err != nil {
		t.Fatal(err)
	}
	if err := world.admin.Get(t.Context(), types.NamespacedName{Namespace: t.namespace, Name: "plugged"}, &corev1.PersistentVolumeClaim{}); err != nil {
		t.Errorf("what was plugged in stays: %v", err)
	}
}

// release takes a machine's finalizers off.
func (t tenant) release(vm *kubevirt.VirtualMachine) {
	t.Helper()
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	if err := world.kubevirt.Patch(t.Context(), vm, patch); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
}

// claim makes a claim that belongs to a machine.
func (t tenant) claim(name, machine string) {
	t.Helper()
	owners, err := json.Marshal([]map[string]any{{"schema": "kubevirt.io.virtualmachine", "refs": []string{t.namespace + "/" + machine}}})
	if err != nil {
		t.Fatal(err)
	}
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: t.namespace, Name: name, Annotations: map[string]string{harvesterv1.AnnotationOwnedBy: string(owners)},
		},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
	made(t.T, claim)
}

// unclaim removes a claim as the site does.
func (t tenant) unclaim(name string) {
	t.Helper()
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: name}}
	if err := world.admin.Delete(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	if err := world.admin.Patch(t.Context(), claim, patch); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
}

// TestSeed holds that what rancher-machine and the user tell cloud-init both reach the machine, in a secret that goes with it.
func TestSeed(t *testing.T) {
	tn := newTenant(t)
	tn.image("debian")
	d, err := tn.driver("seeded", map[string]any{"user-data": "#cloud-config\nruncmd: [first]\n"})
	if err != nil {
		t.Fatal(err)
	}
	created := make(chan error, 1)
	go func() { created <- d.Create() }()
	tn.run("seeded", "192.0.2.8")
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	vm, secret := tn.machine("seeded"), &corev1.Secret{}
	if err := world.admin.Get(t.Context(), types.NamespacedName{Namespace: tn.namespace, Name: seedOf(vm)}, secret); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]types.UID{vm.UID}, []types.UID{secret.OwnerReferences[0].UID}); diff != "" {
		t.Errorf("the secret goes with the machine: %s", diff)
	}
	text := string(secret.Data[keyUserData])
	for _, part := range []string{"#cloud-config\n", "first", "ssh-ed25519 "} {
		if !strings.Contains(text, part) {
			t.Errorf("the user data lacks %q:\n%s", part, text)
		}
	}
}
