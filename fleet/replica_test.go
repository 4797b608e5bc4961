package main

import (
	"testing"

	"github.com/go-logr/logr"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// TestTwoReplicas runs two hubs over one API server: one of them writes the sites, both follow them and serve the same, and
// when the one ends, the other leads and serves on with what it has.
func TestTwoReplicas(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	p := newPlane(t)
	p.define(t)
	admin := caller{p.rancher, "admin", []string{"system:masters", "system:authenticated"}}
	p.create(t,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "croft-system"}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "one"}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1"}},
		machine("one", "web"), machine("one", "db"), cluster(near, "Near"),
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "croft-system", Name: "croft-aggregation"},
			Data:       map[string][]byte{"url": []byte(p.rancher.URL + "/v3/connect"), "token": []byte(tunnelToken)},
		})
	site := &fleetv1.Site{}
	connected := func() bool {
		return p.client.Get(t.Context(), client.ObjectKey{Name: near}, site) == nil && site.Status.Machines == 2
	}
	first := p.startIn(t, t.TempDir())
	eventually(t, "the first hub writes the Site", connected)
	leader := p.leader(t)
	p.startIn(t, t.TempDir())
	eventually(t, "both hubs have dialled", func() bool { return p.rancher.dialled.Load() >= 2 })
	want := []string{near + "/one/db", near + "/one/web"}
	before := lists(t, admin, vms+"?sort=name", want...)
	if now := p.leader(t); now != leader {
		t.Errorf("the second hub took the lease from %s to %s", leader, now)
	}
	first()
	after := lists(t, admin, vms+"?sort=name", want...)
	if before.Count != after.Count {
		t.Errorf("the hubs serve %d and %d rows", before.Count, after.Count)
	}
	var told answer
	if status := admin.get(t, "/v1/croft/sites", &told); status != 200 || len(told.Data) != 1 {
		t.Errorf("the sites as the other hub shows them: %d %+v", status, told)
	}
	p.create(t, machine("one", "late"))
	lists(t, admin, vms+"?sort=name", near+"/one/db", near+"/one/late", near+"/one/web")
	eventually(t, "the second hub leads and writes on", func() bool {
		return p.client.Get(t.Context(), client.ObjectKey{Name: near}, site) == nil && site.Status.Machines == 3
	})
	if now := p.leader(t); now == leader || now == "" {
		t.Errorf("the lease is held by %q, after %q ended", now, leader)
	}
}

// leader is who holds the lease of the sites.
func (p *plane) leader(t *testing.T) string {
	t.Helper()
	var lease coordinationv1.Lease
	if err := p.client.Get(t.Context(), client.ObjectKey{Namespace: "croft-system", Name: siteLease}, &lease); err != nil {
		t.Fatal(err)
	}
	if lease.Spec.HolderIdentity == nil {
		return ""
	}
	return *lease.Spec.HolderIdentity
}
