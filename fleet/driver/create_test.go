package driver

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/rancher/machine/libmachine/drivers"
	"github.com/rancher/machine/libmachine/state"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// contains holds that an error says all of something, and nothing that rancher-machine takes for an end.
func contains(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("there is no error; it should say %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error lacks %q: %v", part, err)
		}
	}
	if strings.Contains(strings.ToLower(err.Error()), "not found") {
		t.Errorf("rancher-machine would take this for a machine that is gone: %v", err)
	}
}

// TestCheckNamesAll holds that everything that is missing is named at once.
func TestCheckNamesAll(t *testing.T) {
	tn := newTenant(t, Rights[1:]...)
	quota := &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: tn.namespace, Name: "small"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourceLimitsMemory: resource.MustParse("1Gi")}},
	}
	made(t, quota)
	quota.Status.Hard = quota.Spec.Hard
	if err := world.admin.Status().Update(t.Context(), quota); err != nil {
		t.Fatal(err)
	}
	d, err := tn.driver("lacking", map[string]any{
		"image-name": "", "disk-size": "", "network-name": tn.namespace + "/lan", "key-pair-name": tn.namespace + "/mine",
		"disk-info": `{"disks":[{"imageName":"` + tn.namespace + `/debian","size":2},{"storageClassName":"fast","size":"1"}]}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	// To read whether there is a machine is a right that is missing as well.
	contains(t, d.PreCreateCheck(),
		"may not get, list, watch, create, patch, delete virtualmachines in namespace "+tn.namespace,
		"image "+tn.namespace+"/debian does not exist", "the credential may not read storage class fast",
		"network "+tn.namespace+"/lan does not exist", "key pair "+tn.namespace+"/mine does not exist",
		"quota small of namespace "+tn.namespace+" has 1Gi of limits.memory left, and the machine needs 4Gi")
	if machines := tn.machines(); len(machines) > 0 {
		t.Errorf("a check makes nothing: %v", machines)
	}
}

// again is the plugin of the same machine, as rancher-machine starts it anew.
func (t tenant) again(d *Driver, flags map[string]any) *Driver {
	t.Helper()
	next := New()
	next.BaseDriver = &drivers.BaseDriver{MachineName: d.MachineName, StorePath: d.StorePath}
	if err := next.SetConfigFromFlags(t.flags(flags)); err != nil {
		t.Fatal(err)
	}
	return next
}

// halfMade is a machine whose driver was killed when it had asked for it, before its secret was made.
func (t tenant) halfMade(name string) *Driver {
	t.Helper()
	d, err := t.driver(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.prepare()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.awaitImages(t.Context()); err != nil {
		t.Fatal(err)
	}
	vm, err := m.wanted()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.client.Create(t.Context(), vm); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestAdopt holds that a retry goes on with its own machine.
func TestAdopt(t *testing.T) {
	tn := newTenant(t)
	tn.image("debian")
	killed := tn.halfMade("half")
	before := tn.machine("half")
	retry := tn.again(killed, nil)
	created := make(chan error, 1)
	go func() { created <- retry.Create() }()
	tn.run("half", "192.0.2.9")
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	if machines := tn.machines(); len(machines) != 1 || machines[0].UID != before.UID {
		t.Errorf("one machine, and the same: %d", len(machines))
	}
	other := tn.again(killed, map[string]any{"cluster-name": "red"})
	contains(t, other.Create(), "is there already and is not this cluster's")
	larger := tn.again(killed, map[string]any{"memory-size": 8})
	contains(t, larger.Create(), "was asked for with other flags or another key")
}

// TestReplace holds that what is half-made of another wish is removed before the machine is made.
func TestReplace(t *testing.T) {
	tn := newTenant(t)
	tn.image("debian")
	killed := tn.halfMade("half")
	before := tn.machine("half")
	retry := tn.again(killed, map[string]any{"memory-size": 8})
	created := make(chan error, 1)
	go func() { created <- retry.Create() }()
	eventually(t, "the old one is removed", func() bool { return tn.machine("half").DeletionTimestamp != nil })
	tn.release(before)
	eventually(t, "a new one comes", func() bool { return tn.machine("half").UID != before.UID })
	tn.run("half", "192.0.2.10")
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	if machines := tn.machines(); len(machines) != 1 {
		t.Errorf("one machine: %d", len(machines))
	}
}

// TestKilled holds that remove finds a machine whose create was killed: rancher-machine has kept what it knew before.
func TestKilled(t *testing.T) {
	tn := newTenant(t)
	tn.image("debian")
	killed := tn.halfMade("half")
	before := tn.machine("half")
	later := tn.kept(killed)
	if later.UID != "" {
		t.Fatalf("it was killed before its UID was known: %s", later.UID)
	}
	removed := make(chan error, 1)
	go func() { removed <- later.Remove() }()
	eventually(t, "it is removed", func() bool { return tn.machine("half").DeletionTimestamp != nil })
	tn.release(before)
	if err := <-removed; err != nil {
		t.Fatal(err)
	}
}

// TestFailedCreate holds that nothing is left of a machine that did not come, and that what was seen last is told.
func TestFailedCreate(t *testing.T) {
	tn := newTenant(t)
	tn.image("debian")
	d, err := tn.driver("late", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.prepare()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	created := make(chan error, 1)
	go func() { created <- d.create(ctx, m) }()
	eventually(t, "it has its secret", func() bool { return len(tn.machines()) == 1 && tn.hasSecret() })
	vm := tn.machine("late")
	cancel()
	eventually(t, "it is removed", func() bool { return tn.machine("late").DeletionTimestamp != nil })
	tn.release(vm)
	contains(t, <-created, "machine late has no address after 900 s: it is Starting")
	if machines := tn.machines(); len(machines) > 0 {
		t.Errorf("nothing is left: %v", machines)
	}
}

// hasSecret says whether the user data of the machine of the namespace is there.
func (t tenant) hasSecret() bool {
	secrets := &corev1.SecretList{}
	if err := world.admin.List(t.Context(), secrets, client.InNamespace(t.namespace)); err != nil {
		return false
	}
	return slices.ContainsFunc(secrets.Items, func(secret corev1.Secret) bool { return len(secret.OwnerReferences) > 0 })
}

// TestImporting holds that a machine waits for its image, and says how far that has come.
func TestImporting(t *testing.T) {
	tn := newTenant(t)
	image := tn.image("debian")
	tn.arrive(image, 40, metav1.ConditionUnknown)
	d, err := tn.driver("waiting", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.prepare()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	contains(t, d.create(ctx, m), "was not begun after 900 s: image "+tn.namespace+"/debian importing 40 %")
	created := make(chan error, 1)
	go func() { created <- d.Create() }()
	tn.arrive(image, 100, metav1.ConditionTrue)
	tn.run("waiting", "192.0.2.11")
	if err := <-created; err != nil {
		t.Fatal(err)
	}
	if vm := tn.machine("waiting"); !strings.Contains(vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates], `"storageClassName":"fast"`) {
		t.Error("the disk has its image's class")
	}
}

// TestTrouble holds that a site that cannot be asked is an error, for every command, and never a machine that is gone.
func TestTrouble(t *testing.T) {
	tn := newTenant(t)
	proxy := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(proxy.Close)
	cases := map[string]struct {
		reason, kubeconfig, says string
	}{
		"Revoked": {"a credential that ended says so", strings.Replace(tn.kubeconfig, "token: ", "token: x", 1), "has expired or was revoked"},
		"Away":    {"a site that does not answer", strings.Replace(tn.kubeconfig, world.server, "https://127.0.0.1:1", 1), "cannot be reached"},
		"Proxy":   {"a proxy that does not know the site", strings.Replace(tn.kubeconfig, world.server, proxy.URL, 1), "site site-1"},
		"None":    {"no credential at all", "", "CROFT_KUBECONFIG_CONTENT"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := New()
			d.BaseDriver = &drivers.BaseDriver{MachineName: "web"}
			d.Site, d.Namespace, d.UID = "site-1", tn.namespace, "1"
			d.kubeconfig = func() string { return tc.kubeconfig }
			got, err := d.GetState()
			contains(t, err, tc.says)
			if got != state.None {
				t.Errorf("%s: state %s", tc.reason, got)
			}
			for verb, run := range map[string]func() error{"Start": d.Start, "Stop": d.Stop, "Kill": d.Kill, "Restart": d.Restart, "Remove": d.Remove} {
				if err := run(); err == nil || strings.Contains(err.Error(), "token") {
					t.Errorf("%s: %s says %v", tc.reason, verb, err)
				}
			}
		})
	}
}

// TestRights holds that a credential with the driver's rights lacks none, and that it may come in base64.
func TestRights(t *testing.T) {
	tn := newTenant(t)
	encoded := base64.StdEncoding.EncodeToString([]byte(tn.kubeconfig))
	d, err := tn.driver("encoded", map[string]any{"kubeconfig-content": encoded})
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.plan.choose()
	if err != nil {
		t.Fatal(err)
	}
	if lacks, err := m.may(t.Context()); err != nil || len(lacks) > 0 {
		t.Errorf("the rights suffice: %v, %v", lacks, err)
	}
}
