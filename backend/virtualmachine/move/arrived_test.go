package move

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestBecome(t *testing.T) {
	cases := map[string]struct {
		reason, entry, want string
	}{
		"Cut":  {"a volume that was cut from an image says so still", `{"metadata":{"name":"a","annotations":{"harvesterhci.io/imageId":"default/tiny"}}}`, `{"metadata":{"name":"b","annotations":{"harvesterhci.io/imageId":"default/tiny"}}}`},
		"Copy": {"nobody asked who may read the image that a copy names", `{"metadata":{"name":"a","annotations":{"harvesterhci.io/imageId":"default/tiny","more":"1"}},"spec":{"dataSource":{"kind":"PersistentVolumeClaim","name":"c"}}}`, `{"metadata":{"name":"b","annotations":{"more":"1"}},"spec":{"accessModes":[],"resources":{"requests":{"storage":"0"}}}}`},
		"Bare": {"an entry of hardly anything stays one", `{"targetVolume":"b"}`, `{}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var entry, want map[string]any
			if err := json.Unmarshal([]byte(tc.entry), &entry); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(tc.want), &want); err != nil {
				t.Fatal(err)
			}
			target := &corev1.PersistentVolumeClaim{}
			target.Name = "b"
			become(entry, target)
			if diff := cmp.Diff(want, entry); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
