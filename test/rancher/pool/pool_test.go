package pool

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// TestPool has a pool of three come, scale to five, lose a machine behind Rancher's back, scale to one and go.
func TestPool(t *testing.T) {
	p := open(t)
	p.apply("pool.yaml")
	began := time.Now()
	p.hasNodes(3)
	t.Logf("three nodes after %.0f s", time.Since(began).Seconds())

	began = time.Now()
	p.scale(5)
	p.hasNodes(5)
	t.Logf("five nodes after %.0f s", time.Since(began).Seconds())

	// Somebody deletes a machine at the site. The cloud provider in the guest cluster sees that its node is nobody's any more.
	began = time.Now()
	lost := p.machines()[0]
	if err := p.site.Delete(t.Context(), &lost); err != nil {
		t.Fatal(err)
	}
	p.until("the pool has forgotten the lost machine", func() bool { return p.get(&lost) != nil && p.node(lost.Name) == nil })
	p.hasNodes(5)
	for _, machine := range p.machines() {
		if machine.UID == lost.UID {
			t.Errorf("machine %s is the one that was lost", machine.Name)
		}
	}
	t.Logf("another node in its place after %.0f s", time.Since(began).Seconds())

	p.drains()
	p.scale(1)
	p.hasNodes(1)

	p.delete("pool.yaml")
	p.until("the pool is gone", func() bool { return len(p.machines()) == 0 && len(p.infra()) == 0 && len(p.nodes()) == 0 })
	if left := p.disks(); len(left) > 0 {
		t.Errorf("the disks of the pool's machines are gone with them: %s", left)
	}
}

// disks are the claims of the namespace, without the image's own.
func (p *pool) disks() []string {
	p.Helper()
	claims := &corev1.PersistentVolumeClaimList{}
	if err := p.site.List(p.Context(), claims, client.InNamespace(namespace)); err != nil {
		p.Fatal(err)
	}
	var names []string
	for i := range claims.Items {
		if name := claims.Items[i].Name; strings.HasPrefix(name, "blue-") {
			names = append(names, name)
		}
	}
	return names
}

// drains scales to four by a node that has work to end first, and holds that its machine is there until the work is, and that
// node and machine go then.
func (p *pool) drains() {
	p.Helper()
	leaving := p.machines()[0]
	p.mark(leaving.Name)
	const work = 8 * time.Second
	pod := p.work(leaving.Name, work)
	began := time.Now()
	p.scale(4)
	p.until("the work is asked to end", func() bool { return p.inGuest(pod) == nil && pod.DeletionTimestamp != nil })
	p.until("the work has ended", func() bool {
		done := p.inGuest(pod) != nil
		// Read behind the pod: whoever has removed the machine before its work had ended is found out.
		if vm := (&kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: leaving.Name}}); !done && (p.get(vm) != nil || vm.DeletionTimestamp != nil) && p.inGuest(pod) == nil {
			p.Fatalf("machine %s is removed while work runs on its node", leaving.Name)
		}
		return done
	})
	drained := time.Since(began)
	p.until("node and machine are gone", func() bool { return p.node(leaving.Name) == nil && p.get(&leaving) != nil })
	p.Logf("scale-down: work ended after %.1f s (its own %.0f s), node and machine gone %.1f s later", drained.Seconds(), work.Seconds(), time.Since(began.Add(drained)).Seconds())
	p.hasNodes(4)
}
