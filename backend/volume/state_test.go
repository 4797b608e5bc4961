package volume

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
)

// bound is a volume of 1 GiB that nobody uses.
func bound(changes ...func(*Volume)) Volume {
	v := Volume{Claim: &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "data"}}, Snapshots: true}
	v.Claim.Annotations = map[string]string{"volume.kubernetes.io/storage-provisioner": "csi.example.org"}
	v.Claim.Spec.Resources.Requests = size("1Gi")
	v.Claim.Status.Phase = corev1.ClaimBound
	v.Claim.Status.Capacity = size("1Gi")
	for _, change := range changes {
		change(&v)
	}
	return v
}

func size(text string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(text)}
}

func deleting(v *Volume) {
	now := metav1.Now()
	v.Claim.DeletionTimestamp = &now
}

func owned(v *Volume)   { v.Owners = []string{"default/web"} }
func running(v *Volume) { v.Running = "web" }
func gone(v *Volume)    { v.Claim.Status.Phase = corev1.ClaimLost }
func unbound(v *Volume) {
	v.Claim.Status.Phase, v.Claim.Status.Capacity = corev1.ClaimPending, nil
}

func filling(state cdi.State) func(*Volume) {
	return func(v *Volume) {
		unbound(v)
		v.Filling = &state
	}
}

func wanting(text string) func(*Volume) {
	return func(v *Volume) { v.Claim.Spec.Resources.Requests = size(text) }
}

func infeasible(v *Volume) {
	wanting("2Gi")(v)
	v.Claim.Status.AllocatedResourceStatuses = map[corev1.ResourceName]corev1.ClaimResourceStatus{
		corev1.ResourceStorage: corev1.PersistentVolumeClaimControllerResizeInfeasible,
	}
	v.Claim.Status.Conditions = []corev1.PersistentVolumeClaimCondition{{
		Type: corev1.PersistentVolumeClaimControllerResizeError, Status: corev1.ConditionTrue, Message: "no space left",
	}}
}

func golden(v *Volume) {
	v.Claim.Annotations = map[string]string{harvesterv1.AnnotationGoldenImage: "true", harvesterv1.AnnotationImageID: "default/debian"}
}

func TestState(t *testing.T) {
	cases := map[string]struct {
		reason string
		volume Volume
		want   capability.State
	}{
		"Ready":      {"one word says it all", bound(), capability.State{Name: "Ready"}},
		"Owned":      {"a machine that is off has its volumes, too", bound(owned), capability.State{Name: "In-use", Message: "It is used by default/web."}},
		"Running":    {"so has one that nobody has written down yet, and each is named once", bound(owned, running), capability.State{Name: "In-use", Message: "It is used by default/web."}},
		"Unlisted":   {"what runs is told in any case", bound(running), capability.State{Name: "In-use", Message: "It is used by default/web."}},
		"Image":      {"an image's bytes are named", bound(golden), capability.State{Name: "In-use", Message: "It holds the bytes of image default/debian."}},
		"Resizing":   {"the size is told", bound(owned, wanting("2Gi")), capability.State{Name: "Resizing", Transitioning: true, Message: "It is being enlarged to 2Gi."}},
		"Infeasible": {"the storage's words are told", bound(infeasible), capability.State{Name: "Failed", Error: true, Message: "It cannot be enlarged to 2Gi: no space left"}},
		"Pending":    {"storage takes its time", bound(unbound), capability.State{Name: "Pending", Transitioning: true, Message: "It waits for its storage."}},
		"Filling":    {"an image is being copied", bound(filling(cdi.State{Progress: 42})), capability.State{Name: "Filling", Transitioning: true, Message: "42 % of the bytes are there."}},
		"Unfilled":   {"and failed", bound(filling(cdi.State{Blocked: true, Message: "exceeded quota"})), capability.State{Name: "Failed", Error: true, Message: "It cannot be filled: exceeded quota"}},
		"Lost":       {"nothing can be done", bound(gone), capability.State{Name: "Lost", Error: true, Message: lost}},
		"Removing":   {"who keeps it is told", bound(owned, deleting), capability.State{Name: "Removing", Transitioning: true, Message: "It is being deleted. It is used by default/web."}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, State(tc.volume)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestUnless(t *testing.T) {
	copyable := []string{"export", "clone", "snapshot", "dataMigration"}
	cases := map[string]struct {
		reason string
		volume Volume
		// can are the actions that can be done; says is why each other cannot.
		can  []string
		says map[string]string
	}{
		"Ready":     {"a volume at rest can be copied in every way", bound(), copyable, map[string]string{"cancelExpand": "The volume is not being enlarged."}},
		"Owned":     {"a machine that is off is in nobody's way", bound(owned), copyable, nil},
		"Running":   {"CDI would wait for the machine", bound(running), []string{"export", "clone", "snapshot"}, map[string]string{"dataMigration": "Virtual machine web runs with the volume. Stop it first, or move the volume by its action storageMigration."}},
		"Growing":   {"an enlargement can be given up", bound(wanting("2Gi")), []string{"export", "cancelExpand", "clone", "snapshot", "dataMigration"}, nil},
		"Failed":    {"also one that has failed", bound(infeasible), []string{"export", "cancelExpand", "clone", "snapshot", "dataMigration"}, nil},
		"Hardly":    {"Kubernetes would not let it", bound(wanting("1025Mi")), copyable, map[string]string{"cancelExpand": "The volume has 1Gi and asks for 1025Mi: Kubernetes lets a claim go back only to more than it has, and there is no such size below."}},
		"Classless": {"no driver would take it", bound(func(v *Volume) { v.Snapshots = false }), []string{"export", "clone", "dataMigration"}, map[string]string{"snapshot": "The site has no volume snapshot class for driver csi.example.org of the volume."}},
		"Golden":    {"an image has its own ways", bound(golden), nil, map[string]string{"clone": "The volume holds the bytes of image default/debian. Make a volume from the image instead."}},
		"Pending":   {"there is nothing to copy", bound(unbound), nil, map[string]string{"export": noStorage, "cancelExpand": noStorage}},
		"Filling":   {"not all is there", bound(filling(cdi.State{})), nil, map[string]string{"snapshot": beingFilled}},
		"Deleting":  {"it is going", bound(deleting), nil, map[string]string{"dataMigration": beingDeleted}},
		"Lost":      {"it is gone", bound(gone), nil, map[string]string{"clone": lost}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var can []string
			for _, action := range Actions {
				said := action.Unless(tc.volume)
				if said == "" {
					can = append(can, action.Name)
				}
				if want, told := tc.says[action.Name]; told && said != want {
					t.Errorf("%s: %s: want %q, got %q", tc.reason, action.Name, want, said)
				}
			}
			if diff := cmp.Diff(tc.can, can); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
