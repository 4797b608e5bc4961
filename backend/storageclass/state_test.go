package storageclass_test

import (
	"testing"

	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/storageclass"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

func TestState(t *testing.T) {
	cases := map[string]struct {
		reason      string
		annotations map[string]string
		want        string
	}{
		"Plain":    {"nothing is said of most", nil, "Active"},
		"Default":  {"people look for this one", map[string]string{harvesterv1.AnnotationDefaultClass: "true"}, "Default"},
		"Reserved": {"and keep off this one", map[string]string{harvesterv1.AnnotationReservedClass: "true"}, "Reserved"},
		"Both":     {"a default class may be the site's own", map[string]string{harvesterv1.AnnotationDefaultClass: "true", harvesterv1.AnnotationReservedClass: "true"}, "Default"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := storageclass.State(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Annotations: tc.annotations}})
			if got.Name != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got.Name)
			}
		})
	}
}
