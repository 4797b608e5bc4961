package cdi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"crofthci.io/croft/pkg/cdi"
)

func TestVolume(t *testing.T) {
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web-root", Annotations: map[string]string{"harvesterhci.io/imageId": "default/tiny"}},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			VolumeMode:       ptr.To(corev1.PersistentVolumeBlock),
			StorageClassName: ptr.To("fast"),
			Resources:        corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
	cases := map[string]struct {
		reason string
		volume *cdi.DataVolume
		want   string
	}{
		"Import": {
			reason: "an image is fetched at once, checked, and kept as CDI thinks best for the class",
			volume: cdi.Import{
				Namespace: "default", Name: "tiny", Source: cdi.FromURL("http://images/tiny", "abc", "trusted"), Class: "fast", Size: resource.MustParse("1Gi"),
			}.Volume(),
			want: `
metadata:
  annotations:
    cdi.kubevirt.io/storage.bind.immediate.requested: "true"
    cdi.kubevirt.io/storage.deleteAfterCompletion: "false"
  name: tiny
  namespace: default
spec:
  source:
    http:
      certConfigMap: trusted
      checksum: sha512:abc
      url: http://images/tiny
  storage:
    resources:
      requests:
        storage: 1Gi
    storageClassName: fast
status: {}
`,
		},
		"Upload": {
			reason: "an upload has nothing to say but that it is one",
			volume: cdi.Import{Namespace: "default", Name: "tiny", Source: cdi.FromUpload(), Size: resource.MustParse("1Gi")}.Volume(),
			want: `
metadata:
  annotations:
    cdi.kubevirt.io/storage.bind.immediate.requested: "true"
    cdi.kubevirt.io/storage.deleteAfterCompletion: "false"
  name: tiny
  namespace: default
spec:
  source:
    upload: {}
  storage:
    resources:
      requests:
        storage: 1Gi
status: {}
`,
		},
		"Copy": {
			reason: "the copy of a claim is made at once, also when nobody uses it",
			volume: cdi.Import{
				Namespace: "default", Name: "tiny", Source: cdi.FromClaim("home", "root"), Class: "fast", Size: resource.MustParse("1Gi"),
			}.Volume(),
			want: `
metadata:
  annotations:
    cdi.kubevirt.io/storage.bind.immediate.requested: "true"
    cdi.kubevirt.io/storage.deleteAfterCompletion: "false"
  name: tiny
  namespace: default
spec:
  source:
    pvc:
      name: root
      namespace: home
  storage:
    resources:
      requests:
        storage: 1Gi
    storageClassName: fast
status: {}
`,
		},
		"Clone": {
			reason: "a machine's disk is what its claim says, and waits for the machine's node where its class does",
			volume: cdi.Clone{Claim: claim, SourceNamespace: "public", SourceName: "tiny"}.Volume(),
			want: `
metadata:
  annotations:
    cdi.kubevirt.io/storage.deleteAfterCompletion: "false"
    harvesterhci.io/imageId: default/tiny
  name: web-root
  namespace: default
spec:
  source:
    pvc:
      name: tiny
      namespace: public
  storage:
    accessModes:
    - ReadWriteMany
    resources:
      requests:
        storage: 1Gi
    storageClassName: fast
    volumeMode: Block
status: {}
`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := yaml.Marshal(tc.volume)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, "\n"+string(got)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
