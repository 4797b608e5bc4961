package admission_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/pkg/admission"
	"crofthci.io/croft/test/behind"
)

// user is a pod that holds on to a volume.
func user(namespace, name, volume string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Annotations: map[string]string{volume: ""}}}
}

func TestHolders(t *testing.T) {
	now := []client.Object{user("default", "web", "root"), user("default", "db", "data"), user("other", "web", "logs")}
	live := fake.NewClientBuilder().WithObjects(now...).Build()
	cases := map[string]struct {
		reason     string
		cache      client.Reader
		volume     string
		among      []client.ListOption
		remembered bool
		want       []string
	}{
		"Known":      {"who is known to hold on does", live, "root", nil, false, []string{"default/web"}},
		"Free":       {"nobody does", live, "spare", nil, false, nil},
		"LetGo":      {"who has let go a moment ago holds nothing", behind.Remembers(live, user("default", "web", "spare")), "spare", nil, false, nil},
		"Gone":       {"nor does who is gone", behind.Remembers(live, user("default", "old", "spare")), "spare", nil, false, nil},
		"New":        {"who was made a moment ago holds on", behind.Misses(live, now[0]), "root", nil, false, []string{"default/web"}},
		"Remembered": {"but is not looked for by who has looked", behind.Misses(live, now[0]), "root", nil, true, nil},
		"Here":       {"only what is there is looked at", behind.Misses(live, now[2]), "logs", []client.ListOption{client.InNamespace("default")}, false, nil},
		"There":      {"and all of it", behind.Misses(live, now[2]), "logs", []client.ListOption{client.InNamespace("other")}, false, []string{"other/web"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			search := admission.Search{Cache: tc.cache, Live: live, Among: tc.among, Remembered: tc.remembered}
			holders, err := search.Holders(t.Context(), &corev1.PodList{}, func(object client.Object) bool {
				_, holds := object.GetAnnotations()[tc.volume]
				return holds
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, holder := range holders {
				got = append(got, client.ObjectKeyFromObject(holder).String())
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
