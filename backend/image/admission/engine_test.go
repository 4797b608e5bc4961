package admission

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
)

func TestUnlessFirstEngine(t *testing.T) {
	const second = "is for volumes of Longhorn's first engine, and those of storage class fast are of its second (parameter dataEngine: v2); use cdi"
	cases := map[string]struct {
		reason, driver string
		class          map[string]string
		own            map[string]harvesterv1.StorageClassParameter
		want           string
	}{
		"Unsaid":  {"a class that does not say is of the first engine", longhorn.Driver, nil, nil, ""},
		"First":   {"one may say so", longhorn.Driver, map[string]string{"dataEngine": "v1"}, nil, ""},
		"Second":  {"the second engine is CDI's to fill", longhorn.Driver, map[string]string{"dataEngine": "v2"}, nil, second},
		"Own":     {"also where the image alone asks for it", longhorn.Driver, nil, map[string]harvesterv1.StorageClassParameter{"dataEngine": "v2"}, second},
		"Instead": {"an image's own parameters stand for those of the class", longhorn.Driver, map[string]string{"dataEngine": "v2"}, map[string]harvesterv1.StorageClassParameter{"dataEngine": "v1"}, ""},
		"Other":   {"another driver's parameters are another's", "csi.example.org", map[string]string{"dataEngine": "v2"}, nil, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			of := &image{}
			of.Spec.StorageClassParameters = tc.own
			class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: tc.driver, Parameters: tc.class}
			if diff := cmp.Diff(tc.want, unlessFirstEngine(ownClassOf(of, class))); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
