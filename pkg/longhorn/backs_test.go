package longhorn_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"crofthci.io/croft/pkg/longhorn"
)

func TestBacks(t *testing.T) {
	const other, block = "csi.example.org", corev1.PersistentVolumeBlock
	class := func(provisioner string, parameters map[string]string) *storagev1.StorageClass {
		return &storagev1.StorageClass{Provisioner: provisioner, Parameters: parameters}
	}
	first, foreign := class(longhorn.Driver, nil), class(other, nil)
	second := class(longhorn.Driver, map[string]string{longhorn.ParameterEngine: "v2"})
	sealed := class(longhorn.Driver, map[string]string{longhorn.ParameterEncrypted: "true"})
	cases := map[string]struct {
		reason   string
		driver   string
		mode     corev1.PersistentVolumeMode
		from, to *storagev1.StorageClass
		want     bool
	}{
		"Longhorn": {"as in Harvester", longhorn.Driver, block, first, first, true},
		"Files":    {"a file system with a disk in it is no disk", longhorn.Driver, corev1.PersistentVolumeFilesystem, first, first, false},
		"Unsaid":   {"which it is where nobody says", longhorn.Driver, "", first, first, false},
		"Other":    {"other storage has no backing images", other, block, foreign, foreign, false},
		"Out":      {"the image is to be elsewhere", longhorn.Driver, block, first, foreign, false},
		"In":       {"Longhorn reads no volume that is another's", other, block, foreign, first, false},
		"Bound":    {"a volume that was there before its claim may be anybody's", "", block, first, first, false},
		"Second":   {"the second engine keeps none", longhorn.Driver, block, second, second, false},
		"To2":      {"also when the image is to be there", longhorn.Driver, block, first, second, false},
		"Sealed":   {"Longhorn would take what is encrypted as it is", longhorn.Driver, block, sealed, first, false},
		"Seals":    {"nor does it encrypt", longhorn.Driver, block, first, sealed, false},
		"Gone":     {"of a class that is gone nothing is known", longhorn.Driver, block, nil, first, false},
		"Nowhere":  {"nor of no class at all", longhorn.Driver, block, first, nil, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			of := &corev1.PersistentVolumeClaim{}
			if tc.mode != "" {
				of.Spec.VolumeMode = &tc.mode
			}
			if got := longhorn.Backs(tc.driver, of, tc.from, tc.to); got != tc.want {
				t.Errorf("%s: %t", tc.reason, got)
			}
		})
	}
}
