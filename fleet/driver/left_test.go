package driver

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// TestLeft has somebody remove a machine at the site without its disks: rm removes those, and none that a machine has by now.
func TestLeft(t *testing.T) {
	tn := newTenant(t)
	tn.image("debian")
	d, err := tn.driver("blue-pool1-x7k2p-behnd", map[string]any{
		"image-name": "", "disk-size": "", "disk-info": `{"disks":[{"imageName":"` + tn.namespace + `/debian","size":2,"bootOrder":1},{"size":1}]}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	created := make(chan error, 1)
	go func() { created <- d.Create() }()
	vmi := tn.run(d.MachineName, "192.0.2.9")
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	tn.end(vmi)
	later := tn.kept(d)
	if len(later.Disks) != 2 {
		t.Fatalf("what rancher-machine keeps names the disks: %v", later.Disks)
	}
	free, taken := tn.claimed(later.Disks[0]), tn.claimed(later.Disks[1])
	free.Annotations = nil
	if err := world.admin.Update(t.Context(), free); err != nil {
		t.Fatal(err)
	}
	vm := tn.machine(d.MachineName)
	if err := world.admin.Delete(t.Context(), vm); err != nil {
		t.Fatal(err)
	}
	tn.release(vm)
	eventually(t, "the machine is gone", func() bool {
		return apierrors.IsNotFound(world.admin.Get(t.Context(), types.NamespacedName{Namespace: tn.namespace, Name: vm.Name}, &kubevirt.VirtualMachine{}))
	})

	removed := make(chan error, 1)
	go func() { removed <- later.Remove() }()
	eventually(t, "its disk is being removed", func() bool { return tn.claimed(free.Name).DeletionTimestamp != nil })
	tn.unclaim(free.Name)
	if err := <-removed; err != nil {
		t.Fatal(err)
	}
	if now := tn.claimed(taken.Name); now.DeletionTimestamp != nil || now.Annotations[harvesterv1.AnnotationOwnedBy] == "" {
		t.Errorf("a disk that a machine has by now stays: %+v", now)
	}
}

// claimed is a claim of the namespace, which is made for a machine of another name when there is none.
func (t tenant) claimed(name string) *corev1.PersistentVolumeClaim {
	t.Helper()
	claim := &corev1.PersistentVolumeClaim{}
	key := types.NamespacedName{Namespace: t.namespace, Name: name}
	err := world.admin.Get(t.Context(), key, claim)
	if apierrors.IsNotFound(err) {
		t.claim(name, "other")
		err = world.admin.Get(t.Context(), key, claim)
	}
	if err != nil {
		t.Fatal(err)
	}
	return claim
}
