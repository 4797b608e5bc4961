package fill

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// TestUsed looks among the pods of a namespace for who keeps CDI from copying a claim, as CDI itself does.
func TestUsed(t *testing.T) {
	const claim = "web-root"
	pod := func(name string, phase corev1.PodPhase, annotations map[string]string) corev1.Pod {
		made := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(name), Annotations: annotations}}
		made.Status.Phase = phase
		made.Spec.Volumes = []corev1.Volume{{Name: "disk", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
		}}}
		made.Spec.Containers = []corev1.Container{{Name: "main", VolumeDevices: []corev1.VolumeDevice{{Name: "disk", DevicePath: "/dev/disk"}}}}
		return made
	}
	launcher := map[string]string{"kubevirt.io/domain": "web"}
	elsewhere := pod("other", corev1.PodRunning, nil)
	elsewhere.Spec.Volumes[0].PersistentVolumeClaim.ClaimName = "another"
	reader := pod("reader", corev1.PodRunning, nil)
	reader.Spec.Volumes[0].PersistentVolumeClaim.ReadOnly = true
	mounts := pod("mounts", corev1.PodRunning, nil)
	mounts.Spec.Containers[0].VolumeDevices = nil
	mounts.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "disk", ReadOnly: true}}
	writes := pod("writes", corev1.PodRunning, nil)
	writes.Spec.Containers[0].VolumeDevices, writes.Spec.Containers[0].VolumeMounts = nil, []corev1.VolumeMount{{Name: "disk"}}
	plugged := pod("hp-volume-x", corev1.PodRunning, nil)
	plugged.OwnerReferences = []metav1.OwnerReference{{Kind: "Pod", Name: "virt-launcher-web", UID: "virt-launcher-web"}}
	bare := pod("virt-launcher-web", corev1.PodRunning, launcher)
	bare.Spec.Volumes = nil
	copies := pod("a-source-pod", corev1.PodRunning, nil)
	copies.Labels = map[string]string{"cdi.kubevirt.io": "cdi-clone-source"}
	const waits = "volume default/web-root is copied once it is free: virtual machine web runs with it. Stop the machine for that"
	cases := map[string]struct {
		reason string
		pods   []corev1.Pod
		want   string
	}{
		"Nobody":   {"a volume that nobody uses is copied at once", []corev1.Pod{elsewhere}, ""},
		"Machine":  {"the machine is named, not its pod, and what to do", []corev1.Pod{elsewhere, pod("virt-launcher-web", corev1.PodRunning, launcher)}, waits},
		"Starting": {"a pod that is to run is waited for as well", []corev1.Pod{pod("virt-launcher-web", corev1.PodPending, launcher)}, waits},
		"Plugged":  {"a disk that was plugged in is held by a pod of the machine's pod", []corev1.Pod{plugged, bare}, waits},
		"Stopped":  {"a pod that has ended holds nothing", []corev1.Pod{pod("a", corev1.PodSucceeded, launcher), pod("b", corev1.PodFailed, launcher)}, ""},
		"Pod":      {"others than machines use volumes, too", []corev1.Pod{writes}, "volume default/web-root is copied once it is free: pod writes uses it"},
		"Readers":  {"who only reads is in nobody's way", []corev1.Pod{reader, mounts}, ""},
		"Copies":   {"nor is CDI's own pod that reads for the copy", []corev1.Pod{copies}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := used(types.NamespacedName{Namespace: "default", Name: claim}, tc.pods); got != tc.want {
				t.Errorf("%s: %q, not %q", tc.reason, got, tc.want)
			}
		})
	}
}
