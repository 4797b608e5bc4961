package number_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/template/number"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// TestOrphansKeepTheirNumbers gives versions to a template that takes in those of one that was deleted without them
// (propagationPolicy Orphan), in whichever order they are looked at: no number is there twice.
func TestOrphansKeepTheirNumbers(t *testing.T) {
	kinds := runtime.NewScheme()
	if err := harvesterv1.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	live, err := client.NewWithWatch(api, client.Options{Scheme: kinds})
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason string
		looks  []string
		want   map[string]int
		latest int
	}{
		"NewFirst":     {"a new one goes on where the old ones end", []string{"c", "d", "a", "b"}, map[string]int{"a": 1, "b": 4, "c": 5, "d": 6}, 6},
		"OrphansFirst": {"also once these are the template's", []string{"b", "a", "c", "d"}, map[string]int{"a": 1, "b": 4, "c": 5, "d": 6}, 6},
		"Between":      {"and when only some of them are", []string{"a", "c", "b", "d"}, map[string]int{"a": 1, "b": 4, "c": 5, "d": 6}, 6},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			template := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{GenerateName: "left-", Namespace: "default"}}
			if err := live.Create(t.Context(), template); err != nil {
				t.Fatal(err)
			}
			for _, letter := range []string{"a", "b", "c", "d"} {
				version := &harvesterv1.VirtualMachineTemplateVersion{
					ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: template.Name + "-" + letter},
					Spec:       harvesterv1.VirtualMachineTemplateVersionSpec{TemplateID: "default/" + template.Name},
				}
				if err := live.Create(t.Context(), version); err != nil {
					t.Fatal(err)
				}
				version.Status.Version = map[string]int{"a": 1, "b": 4}[letter]
				if err := live.Status().Update(t.Context(), version); err != nil {
					t.Fatal(err)
				}
			}
			for _, letter := range tc.looks {
				look(t, &number.Controller{Client: live, Live: live, Now: time.Now}, template.Name+"-"+letter, true)
			}
			got := map[string]int{}
			for _, letter := range tc.looks {
				version := &harvesterv1.VirtualMachineTemplateVersion{}
				if err := live.Get(t.Context(), client.ObjectKey{Namespace: "default", Name: template.Name + "-" + letter}, version); err != nil {
					t.Fatal(err)
				}
				got[letter] = version.Status.Version
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if err := live.Get(t.Context(), client.ObjectKeyFromObject(template), template); err != nil {
				t.Fatal(err)
			}
			if template.Status.LatestVersion != tc.latest {
				t.Errorf("%s: the template's last number is %d", tc.reason, template.Status.LatestVersion)
			}
		})
	}
}
