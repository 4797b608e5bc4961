package main

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/volume"
	volumeadmission "crofthci.io/croft/backend/volume/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
)

var volumeSheet = sheet{
	file: "volumes.golden.md", noun: "a volume", at: volumes, actions: volume.Actions, links: []string{"update", "remove"},
	subject: volumeOf, stances: volumeStances,
	prepare: func(t *testing.T) {
		create(t, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "quick"}, Provisioner: csiDriver, AllowVolumeExpansion: ptr.To(true)})
		create(t, &csi.VolumeSnapshotClass{ObjectMeta: metav1.ObjectMeta{Name: "kept"}, Driver: csiDriver, DeletionPolicy: "Delete"})
		guard(t, func(to ctrl.Manager) error { return volumeadmission.Webhooks{}.SetUp(to) }, volumeadmission.ValidatePath)
	},
	asked: map[string][]string{"a machine's": {"remove"}, "running": {"remove"}, "an image's": {"remove"}},
}

// volumeOf is what the actions of a volume look at, with all that there is of it.
func volumeOf(t *testing.T, name string) any {
	t.Helper()
	v := volume.Volume{Claim: read(t, &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}})}
	v.Snapshots = csi.DriverOf(v.Claim) == csiDriver
	runs := &kubevirt.VirtualMachineInstance{}
	if site.admin.Get(t.Context(), client.ObjectKey{Namespace: home, Name: name + "-web"}, runs) == nil {
		v.Running = runs.Name
	}
	fills := &cdi.DataVolume{}
	if site.admin.Get(t.Context(), client.ObjectKeyFromObject(v.Claim), fills) == nil {
		state := cdi.StateOf(fills)
		v.Filling = &state
	}
	return v
}

// volumeStances are the states that a volume can be in.
var volumeStances = []stance{
	{"pending", func(t *testing.T, name string) { phased(t, name, corev1.ClaimPending) }},
	{"filling", func(t *testing.T, name string) { filling(t, name, "ImportInProgress") }},
	{"filling failed", func(t *testing.T, name string) { filling(t, name, "Failed") }},
	{"ready", func(t *testing.T, name string) { boundVolume(t, name) }},
	{"without snapshots", func(t *testing.T, name string) {
		boundVolume(t, name, func(c *corev1.PersistentVolumeClaim) {
			c.Annotations["volume.kubernetes.io/storage-provisioner"] = "csi.plain.org"
		})
	}},
	{"a machine's", func(t *testing.T, name string) {
		claim := boundVolume(t, name)
		create(t, usedBy(name))
		awaitKept(t, claim)
	}},
	{"running", func(t *testing.T, name string) {
		claim := boundVolume(t, name)
		m := usedBy(name)
		create(t, m)
		runs := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: m.Name}, Spec: m.Spec.Template.Spec}
		runs.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(m, kubevirt.VirtualMachineKind)}
		if err := site.kubevirt.Create(t.Context(), runs); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { remove(t, runs) })
		runs.Status.Phase, runs.Status.NodeName = kubevirt.PhaseRunning, "a"
		if err := site.kubevirt.Update(t.Context(), runs); err != nil {
			t.Fatal(err)
		}
		awaitKept(t, claim)
	}},
	{"growing", func(t *testing.T, name string) { growing(t, name) }},
	{"growth failed", func(t *testing.T, name string) {
		claim := growing(t, name)
		claim.Status.Conditions = []corev1.PersistentVolumeClaimCondition{
			{Type: corev1.PersistentVolumeClaimControllerResizeError, Status: corev1.ConditionTrue, Message: "the pool is full"},
		}
		if err := site.admin.Status().Update(t.Context(), claim); err != nil {
			t.Fatal(err)
		}
	}},
	{"an image's", func(t *testing.T, name string) {
		image := imaged(t, name, harvesterv1.ImageSourceDownload, nil, hasBytes)
		claim := boundVolume(t, name, func(c *corev1.PersistentVolumeClaim) {
			c.Annotations[harvesterv1.AnnotationImageID] = home + "/" + name
			c.Annotations[harvesterv1.AnnotationGoldenImage] = "true"
		})
		awaitKept(t, claim)
		t.Cleanup(func() { // the image first: it keeps its bytes
			drop(t, image)
			eventually(t, "the image keeps nothing any more", func() bool {
				return site.admin.Delete(context.Background(), claim.DeepCopy(), client.DryRunAll) == nil
			})
		})
	}},
	{"lost", func(t *testing.T, name string) { phased(t, name, corev1.ClaimLost) }},
	{"terminating", func(t *testing.T, name string) {
		claim := boundVolume(t, name) // Kubernetes itself protects it
		if err := site.admin.Delete(t.Context(), claim); err != nil {
			t.Fatal(err)
		}
	}},
}

// phased is a claim in a phase.
func phased(t *testing.T, name string, phase corev1.PersistentVolumeClaimPhase, changes ...func(*corev1.PersistentVolumeClaim)) {
	t.Helper()
	claim := boundVolume(t, name, changes...)
	claim.Status.Phase, claim.Status.Capacity = phase, nil
	if err := site.admin.Status().Update(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
}

// filling is a claim that CDI brings bytes to, or fails to.
func filling(t *testing.T, name string, phase cdi.Phase) {
	t.Helper()
	fills := &cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
	create(t, fills)
	fills.Status.Phase = phase
	if err := site.admin.Update(t.Context(), fills); err != nil {
		t.Fatal(err)
	}
	phased(t, name, corev1.ClaimPending, func(c *corev1.PersistentVolumeClaim) {
		c.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(fills, cdi.DataVolumeKind)}
	})
}

// growing is a volume that has been asked to have more than it has.
func growing(t *testing.T, name string) *corev1.PersistentVolumeClaim {
	t.Helper()
	claim := boundVolume(t, name)
	claim.Spec.Resources.Requests[corev1.ResourceStorage] = resource.MustParse("100Gi")
	if err := site.admin.Update(t.Context(), claim); err != nil {
		t.Fatal(err)
	}
	return claim
}

// usedBy is a machine that has a volume.
func usedBy(name string) *kubevirt.VirtualMachine {
	m := vm(name+"-web", kubevirt.RunStrategyManual)
	m.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim.ClaimName = name
	return m
}
