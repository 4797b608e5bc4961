package admission

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/longhorn"
)

func TestCryptoUnless(t *testing.T) {
	class := func(name, driver, encrypted string, secrets ...string) *storagev1.StorageClass {
		made := &storagev1.StorageClass{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: driver, Parameters: map[string]string{"encrypted": encrypted},
		}
		for _, key := range secrets {
			made.Parameters[key] = "key"
		}
		return made
	}
	open, vault := class("open", "csi", ""), class("vault", "csi", "true", longhorn.SecretParameters...)
	other, bare := class("other", "csi2", "true", longhorn.SecretParameters...), class("bare", "csi2", "true")
	half := class("half", "csi2", "true", longhorn.SecretParameters[:4]...)
	cases := map[string]struct {
		reason    string
		operation harvesterv1.ImageCryptoOperation
		from, to  *storagev1.StorageClass
		strategy  cdi.CloneStrategy
		want      string
	}{
		"Encrypt":   {"a class that encrypts, written byte by byte", "encrypt", open, vault, cdi.CloneByCopy, ""},
		"Decrypt":   {"and back", "decrypt", vault, open, cdi.CloneByCopy, ""},
		"Drivers":   {"two drivers cannot copy by themselves", "encrypt", open, other, "csi-clone", ""},
		"Plain":     {"the class is named that cannot", "encrypt", open, open, cdi.CloneByCopy, `storage class open does not encrypt: it has no parameter encrypted: "true"`},
		"Twice":     {"once is enough", "encrypt", vault, vault, cdi.CloneByCopy, "the image is encrypted already, by storage class vault"},
		"NotSecret": {"there is nothing to decrypt", "decrypt", open, open, cdi.CloneByCopy, `the image is not encrypted: storage class open has no parameter encrypted: "true"`},
		"Still":     {"decrypted bytes would be encrypted again", "decrypt", vault, other, cdi.CloneByCopy, `storage class other encrypts what is kept on it; name one without encrypted: "true"`},
		"Keyless":   {"a class that names no secret would wait for its key for ever", "encrypt", open, bare, cdi.CloneByCopy, "storage class bare names no secret with the key: it has no parameter csi.storage.k8s.io/provisioner-secret-name"},
		"HalfKey":   {"so would one that names it for some of the calls alone", "encrypt", open, half, cdi.CloneByCopy, "storage class half names no secret with the key: it has no parameter csi.storage.k8s.io/node-stage-secret-name"},
		"FromBare":  {"what is read through a class has its key already", "decrypt", bare, open, cdi.CloneByCopy, ""},
		"AsItIs":    {"a driver's own copy has the bytes as they are on the disk", "encrypt", open, vault, "csi-clone", "storage class vault copies volumes by itself, as they are; give it the annotation cdi.harvesterhci.io/storageProfileCloneStrategy: copy"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := crypto{tc.operation, tc.from, tc.to, tc.strategy}.unless()
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestNamed(t *testing.T) {
	cases := map[string]struct {
		reason string
		spec   map[string]any
		want   bool
	}{
		"Own":   {"the image of a version", map[string]any{"imageId": "default/debian"}, true},
		"Other": {"another image", map[string]any{"imageId": "default/suse"}, false},
		"Claim": {"the image of a disk of its machine", map[string]any{"vm": map[string]any{"metadata": map[string]any{"annotations": map[string]any{
			harvesterv1.AnnotationVolumeClaimTemplates: `[{"metadata":{"name":"root","annotations":{"harvesterhci.io/imageId":"default/debian"}}}]`,
		}}}}, true},
		"Odd": {"what somebody has written by hand", map[string]any{"vm": "none"}, false},
	}
	debian := &image{}
	debian.Namespace, debian.Name = "default", "debian"
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			version := &unstructured.Unstructured{Object: map[string]any{"spec": tc.spec}}
			if got := named(version, debian); got != tc.want {
				t.Errorf("%s: want %t, got %t", tc.reason, tc.want, got)
			}
		})
	}
}
