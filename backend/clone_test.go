package main

import (
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/pkg/kubevirt"
)

// bound is a claim with storage, as a provisioner would have left it.
func bound(t *testing.T, name, size string) *corev1.PersistentVolumeClaim {
	t.Helper()
	made := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
	made.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
	made.Spec.StorageClassName = ptr.To("fast")
	made.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)}
	create(t, made)
	made.Status.Phase = corev1.ClaimBound
	made.Status.Capacity = made.Spec.Resources.Requests
	if err := site.admin.Status().Update(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	return made
}

// named is a machine that is there, removed when the test ends.
func named(t *testing.T, name string) *kubevirt.VirtualMachine {
	t.Helper()
	m := read(t, &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}})
	t.Cleanup(func() { remove(t, m) })
	return m
}

func TestClone(t *testing.T) {
	create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "web-cloudinit"}, Data: map[string][]byte{"userdata": []byte("#cloud-config")}})
	m := vm("web", kubevirt.RunStrategyHalted)
	spec := &m.Spec.Template.Spec
	spec.Domain.Devices.Disks = append(spec.Domain.Devices.Disks, kubevirt.Disk{Name: "cloudinit"})
	spec.Volumes = append(spec.Volumes, kubevirt.Volume{Name: "cloudinit", VolumeSource: kubevirt.VolumeSource{
		CloudInitNoCloud: &kubevirt.CloudInitNoCloudSource{UserDataSecretRef: &corev1.LocalObjectReference{Name: "web-cloudinit"}},
	}})
	create(t, m)
	tell(t, m, kubevirt.StatusStopped)

	got := act(t, admin, "web", "clone", `{"targetVm":"shop"}`, http.StatusConflict)
	if !strings.Contains(got.body.Message, "Volume web-root of the machine does not exist yet") {
		t.Errorf("the volume that is missing is named: %s", got.text)
	}
	bound(t, "web-root", "1Gi")
	for body, field := range map[string]string{
		`{}`:                 "targetVm",
		`{"targetVm":"A b"}`: "targetVm",
		`{"targetVm":"web"}`: "targetVm",
		`{"targetVm":"shop","runStrategy":"Sometimes"}`: "runStrategy",
	} {
		if got := act(t, admin, "web", "clone", body, http.StatusUnprocessableEntity); got.body.FieldName != field {
			t.Errorf("%s: want field %s, got %s", body, field, got.text)
		}
	}
	act(t, viewer, "web", "clone", `{"targetVm":"shop"}`, http.StatusForbidden)

	act(t, admin, "web", "clone", `{"targetVm":"shop","runStrategy":"RerunOnFailure"}`, http.StatusNoContent)
	shop := named(t, "shop")
	if kubevirt.StrategyOf(shop) != kubevirt.RunStrategyRerunOnFailure {
		t.Errorf("it is started when all is there: %s", kubevirt.StrategyOf(shop))
	}
	templates, err := claim.Templates(shop)
	if err != nil || len(templates) != 1 || templates[0].Spec.DataSource == nil || templates[0].Spec.DataSource.Name != "web-root" {
		t.Fatalf("its volume is to be a copy: %v, %v", templates, err)
	}
	if used := claim.Used(shop); len(used) != 1 || used[0] != templates[0].Name {
		t.Errorf("and it stands on that: %v", used)
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: shop.Spec.Template.Spec.Volumes[1].CloudInitNoCloud.UserDataSecretRef.Name}}
	read(t, secret)
	t.Cleanup(func() { remove(t, secret) })
	if string(secret.Data["userdata"]) != "#cloud-config" || len(secret.OwnerReferences) != 1 || secret.OwnerReferences[0].UID != shop.UID {
		t.Errorf("it has a secret of its own, that goes with it: %+v", secret)
	}
}

// TestCloneWithoutSecrets holds that nothing is made for who may not read what it would be set up from.
func TestCloneWithoutSecrets(t *testing.T) {
	create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "web-cloudinit"}})
	m := vm("web", kubevirt.RunStrategyHalted)
	m.Spec.Template.Spec.Domain.Devices.Disks[0].Name = "cloudinit"
	m.Spec.Template.Spec.Volumes = []kubevirt.Volume{{Name: "cloudinit", VolumeSource: kubevirt.VolumeSource{
		CloudInitNoCloud: &kubevirt.CloudInitNoCloudSource{UserDataSecretRef: &corev1.LocalObjectReference{Name: "web-cloudinit"}},
	}}}
	create(t, m)
	tell(t, m, kubevirt.StatusStopped)
	act(t, owner, "web", "clone", `{"targetVm":"shop"}`, http.StatusForbidden) // an owner of machines reads no secrets
	shop := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "shop"}}
	if err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(shop), shop); !apierrors.IsNotFound(err) {
		t.Errorf("there is no machine: %v", err)
	}
}

func TestStorageMigration(t *testing.T) {
	bound(t, "web-root", "1Gi")
	bound(t, "small", "1Mi")
	target := bound(t, "fast-root", "2Gi")
	m := running(t, "web")
	for body, field := range map[string]string{
		`{}`:                          "sourceVolume",
		`{"sourceVolume":"nothing"}`:  "sourceVolume",
		`{"sourceVolume":"web-root"}`: "targetVolume",
		`{"sourceVolume":"web-root","targetVolume":"web-root"}`: "targetVolume",
		`{"sourceVolume":"web-root","targetVolume":"nothing"}`:  "targetVolume",
		`{"sourceVolume":"web-root","targetVolume":"small"}`:    "targetVolume",
	} {
		if got := act(t, admin, "web", "storageMigration", body, http.StatusUnprocessableEntity); got.body.FieldName != field {
			t.Errorf("%s: want field %s, got %s", body, field, got.text)
		}
	}
	act(t, viewer, "web", "storageMigration", "", http.StatusForbidden)
	act(t, admin, "web", "cancelStorageMigration", "", http.StatusConflict)

	read(t, m)
	m.Annotations = map[string]string{"harvesterhci.io/volumeClaimTemplates": `[{"metadata":{"name":"web-root"},"more":1}]`}
	if err := site.admin.Update(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	act(t, admin, "web", "storageMigration", `{"sourceVolume":"web-root","targetVolume":"`+target.Name+`"}`, http.StatusNoContent)
	requireMove(t, read(t, m), "fast-root", `[{"metadata":{"name":"web-root"},"more":1,"targetVolume":"fast-root"}]`)
	if strategy := m.Spec.UpdateVolumesStrategy; strategy == nil || *strategy != kubevirt.UpdateVolumesMigration {
		t.Errorf("KubeVirt is told to move the bytes: %v", strategy)
	}
	got := act(t, admin, "web", "storageMigration", `{"sourceVolume":"fast-root","targetVolume":"small"}`, http.StatusConflict)
	if !strings.Contains(got.body.Message, "One moves at a time") {
		t.Errorf("the reason is told: %s", got.text)
	}
	act(t, admin, "web", "cancelStorageMigration", "", http.StatusNoContent)
	requireMove(t, read(t, m), "web-root", `[{"metadata":{"name":"web-root"},"more":1}]`)
}

func requireMove(t *testing.T, m *kubevirt.VirtualMachine, on, templates string) {
	t.Helper()
	if used := claim.Used(m); len(used) != 1 || used[0] != on {
		t.Errorf("the volume stands on %s: %v", on, used)
	}
	if got := m.Annotations["harvesterhci.io/volumeClaimTemplates"]; got != templates {
		t.Errorf("the template says so: want %s, got %s", templates, got)
	}
}

func TestDismissQuota(t *testing.T) {
	const key = "harvesterhci.io/insufficient-resource-quota"
	m := halted(t, "web", map[string]string{key: "2Gi of memory are missing"})
	act(t, viewer, "web", "dismissInsufficientResourceQuota", "", http.StatusForbidden)
	act(t, owner, "web", "dismissInsufficientResourceQuota", "", http.StatusNoContent)
	if _, told := read(t, m).Annotations[key]; told {
		t.Error("the message is forgotten")
	}
	act(t, owner, "web", "dismissInsufficientResourceQuota", "", http.StatusConflict)
}
