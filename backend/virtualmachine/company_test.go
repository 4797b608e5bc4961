package virtualmachine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/pkg/kubevirt"
)

func TestTargets(t *testing.T) {
	node := func(name, zone string) client.Object {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			kubevirt.NodeSchedulable: "true", corev1.LabelHostname: name + ".example.org", "zone": zone,
		}}}
		n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
		return n
	}
	runs := func(namespace, name, on string) client.Object {
		vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, Labels: map[string]string{"app": name},
		}}
		vmi.Status.NodeName = on
		return vmi
	}
	term := func(app, topology string, namespaces ...string) []corev1.PodAffinityTerm {
		return []corev1.PodAffinityTerm{{
			LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": app}}, TopologyKey: topology, Namespaces: namespaces,
		}}
	}
	near := func(terms []corev1.PodAffinityTerm) *corev1.Affinity {
		return &corev1.Affinity{PodAffinity: &corev1.PodAffinity{RequiredDuringSchedulingIgnoredDuringExecution: terms}}
	}
	far := func(terms []corev1.PodAffinityTerm) *corev1.Affinity {
		return &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: terms}}
	}
	cases := map[string]struct {
		reason   string
		affinity *corev1.Affinity
		want     []string
	}{
		"Careless": {"all but the one it is on", nil, []string{"b", "c", "d"}},
		"Apart":    {"not where its twin is", far(term("db", corev1.LabelHostname)), []string{"c", "d"}},
		"Zone":     {"nor in its twin's zone", far(term("db", "zone")), []string{"c", "d"}},
		"Beside":   {"only where its friend is", near(term("db", corev1.LabelHostname)), []string{"b"}},
		"Foreign":  {"a namespace of others is none of its business", far(term("other", corev1.LabelHostname)), []string{"b", "c", "d"}},
		"Named":    {"unless it names it", far(term("other", corev1.LabelHostname, "elsewhere")), []string{"b", "d"}},
		"NoSuch":   {"who needs company that is nowhere finds no place", near(term("nobody", "zone")), nil},
		"NoPart":   {"nodes without the label are in no part of the site", near(term("db", "rack")), nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			kinds := runtime.NewScheme()
			if err := (&runtime.SchemeBuilder{clientgoscheme.AddToScheme, kubevirt.AddToScheme}).AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			facts := fake.NewClientBuilder().WithScheme(kinds).WithObjects(
				node("a", "north"), node("b", "north"), node("c", "south"), node("d", "south"),
				runs("default", "db", "b"), runs("elsewhere", "other", "c"),
			).Build()
			vmi := on().VMI
			vmi.Spec.Affinity = tc.affinity
			got, err := targets(t.Context(), facts, vmi)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, target := range got {
				names = append(names, target.Name)
				if target.Hostname != target.Name+".example.org" {
					t.Errorf("KubeVirt is told of a node by its label: %+v", target)
				}
			}
			if diff := cmp.Diff(tc.want, names); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
