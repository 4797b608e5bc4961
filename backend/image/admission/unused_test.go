package admission

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/behind"
)

// cutOf is a volume of an image, waitingFor a machine that has a template of one.
func cutOf(id string) client.Object {
	return &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "root", Annotations: map[string]string{harvesterv1.AnnotationImageID: id},
	}}
}

func waitingFor(id string) client.Object {
	return &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", Annotations: map[string]string{
		harvesterv1.AnnotationVolumeClaimTemplates: `[{"metadata":{"name":"root","annotations":{"harvesterhci.io/imageId":"` + id + `"}}}]`,
	}}}
}

// TestUnusedNow deletes an image while the cache knows its users as they were a moment ago.
func TestUnusedNow(t *testing.T) {
	kinds := runtime.NewScheme()
	known := runtime.SchemeBuilder{scheme.AddToScheme, harvesterv1.AddToScheme, kubevirt.AddToScheme}
	if err := known.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	const id = "default/debian"
	cases := map[string]struct {
		reason     string
		now        []client.Object
		remembered []client.Object
		unheard    []client.Object
		refused    bool
	}{
		"Nobody":      {"nobody uses it", nil, nil, nil, false},
		"Volume":      {"a volume does", []client.Object{cutOf(id)}, nil, nil, true},
		"Machine":     {"a machine waits for it", []client.Object{waitingFor(id)}, nil, nil, true},
		"VolumeGone":  {"a volume that went a moment ago does not", nil, []client.Object{cutOf(id)}, nil, false},
		"MachineGone": {"nor does a machine", nil, []client.Object{waitingFor(id)}, nil, false},
		"VolumeElse":  {"nor a volume that is another's by now", []client.Object{cutOf("default/other")}, []client.Object{cutOf(id)}, nil, false},
		"VolumeNew":   {"a volume that was made a moment ago does", []client.Object{cutOf(id)}, nil, []client.Object{cutOf(id)}, true},
		"MachineNew":  {"so does a machine", []client.Object{waitingFor(id)}, nil, []client.Object{waitingFor(id)}, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			live := fake.NewClientBuilder().WithScheme(kinds).WithObjects(tc.now...).Build()
			s := site{reader: behind.Misses(behind.Remembers(live, tc.remembered...), tc.unheard...), direct: live}
			err := s.unused(t.Context(), request{Old: &image{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "debian"}}})
			if apierrors.IsConflict(err) != tc.refused || err != nil && !tc.refused {
				t.Errorf("%s: want refused %t, got %v", tc.reason, tc.refused, err)
			}
		})
	}
}
