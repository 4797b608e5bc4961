package template

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

func numbered(name, of string, number int) harvesterv1.VirtualMachineTemplateVersion {
	version := harvesterv1.VirtualMachineTemplateVersion{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	version.Spec.TemplateID, version.Status.Version = of, number
	return version
}

func TestOfTemplate(t *testing.T) {
	all := []harvesterv1.VirtualMachineTemplateVersion{
		numbered("one", "default/web", 1), numbered("other", "default/db", 7), numbered("three", "default/web", 3),
		numbered("new", "default/web", 0), numbered("two", "default/web", 2),
	}
	var got []string
	for _, version := range ofTemplate(all, "default/web") {
		got = append(got, version.Name)
	}
	if diff := cmp.Diff([]string{"new", "three", "two", "one"}, got); diff != "" {
		t.Errorf("the template's own, the newest first: -want +got:\n%s", diff)
	}
}

func TestImages(t *testing.T) {
	const claims = `{"metadata":{"annotations":{"harvesterhci.io/volumeClaimTemplates":` +
		`"[{\"metadata\":{\"annotations\":{\"harvesterhci.io/imageId\":\"default/a\"}}},{\"metadata\":{\"annotations\":{\"harvesterhci.io/imageId\":\"\"}}}]"}}}`
	cases := map[string]struct {
		reason  string
		imageID string
		vm      string
		want    []string
	}{
		"None":   {"a version without a machine has none", "", "", nil},
		"Named":  {"the first disk's", "default/b", "", []string{"default/b"}},
		"Claims": {"and those of all disks; an empty one is chosen later", "default/b", claims, []string{"default/b", "default/a"}},
		"Once":   {"each once", "default/a", claims, []string{"default/a"}},
		"Broken": {"what cannot be read names none", "", `{"metadata":{"annotations":{"harvesterhci.io/volumeClaimTemplates":"["}}}`, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			version := &harvesterv1.VirtualMachineTemplateVersion{}
			version.Spec.ImageID, version.Spec.VM = tc.imageID, runtime.RawExtension{Raw: []byte(tc.vm)}
			if diff := cmp.Diff(tc.want, version.Images()); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestState(t *testing.T) {
	condition := func(kind string, status metav1.ConditionStatus, message string) harvesterv1.Condition {
		return harvesterv1.Condition{Type: kind, Status: status, Message: message}
	}
	assigned := condition(harvesterv1.TemplateVersionAssigned, metav1.ConditionTrue, "")
	cases := map[string]struct {
		reason     string
		conditions []harvesterv1.Condition
		want       capability.State
	}{
		"New":     {"it has no number yet", nil, capability.State{Name: "Pending", Transitioning: true}},
		"Waiting": {"it says for what it waits", []harvesterv1.Condition{assigned, condition(harvesterv1.TemplateVersionReady, metav1.ConditionFalse, "Image a.")}, capability.State{Name: "Pending", Transitioning: true, Message: "Image a."}},
		"Ready":   {"machines can be made", []harvesterv1.Condition{assigned, condition(harvesterv1.TemplateVersionReady, metav1.ConditionTrue, "")}, capability.State{Name: "Active"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			version := &harvesterv1.VirtualMachineTemplateVersion{}
			version.Status.Conditions = tc.conditions
			if got := State(version); got != tc.want {
				t.Errorf("%s: want %+v, got %+v", tc.reason, tc.want, got)
			}
		})
	}
}
