package image_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/image/deliver"
	"crofthci.io/croft/backend/image/fill"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/test/manager"
	played "crofthci.io/croft/test/site/longhorn"
)

func cryptoSecret(name, passphrase string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: longhorn.Namespace, Name: name},
		StringData: map[string]string{"CRYPTO_KEY_VALUE": passphrase, "CRYPTO_KEY_PROVIDER": "secret"},
	}
}

// securedBy is a class whose volumes are encrypted with the key in a secret.
func securedBy(name, secret string) *storagev1.StorageClass {
	parameters := map[string]string{longhorn.ParameterEncrypted: "true"}
	for _, key := range longhorn.SecretParameters {
		parameters[key] = secret
		if strings.HasSuffix(key, "namespace") {
			parameters[key] = longhorn.Namespace
		}
	}
	return &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: longhorn.Driver, Parameters: parameters}
}

// copied makes an image of another one.
func (w *longhornSite) copied(name, class, from string, operation harvesterv1.ImageCryptoOperation, retry int) *harvesterv1.VirtualMachineImage {
	w.T.Helper()
	return w.image(name, class, func(spec *harvesterv1.VirtualMachineImageSpec) {
		spec.SourceType, spec.Retry, spec.StorageClassParameters = harvesterv1.ImageSourceClone, retry, w.settled(class)
		spec.SecurityParameters = &harvesterv1.ImageSecurityParameters{
			CryptoOperation: operation, SourceImageNamespace: "default", SourceImageName: from,
		}
	})
}

// settled are the parameters of an image's own class as the webhook settles them.
func (w *longhornSite) settled(class string) map[string]harvesterv1.StorageClassParameter {
	w.T.Helper()
	like := &storagev1.StorageClass{}
	if err := w.Get(w.T.Context(), client.ObjectKey{Name: class}, like); err != nil {
		w.T.Fatal(err)
	}
	parameters := map[string]harvesterv1.StorageClassParameter{}
	for key, value := range like.Parameters {
		parameters[key] = harvesterv1.StorageClassParameter(value)
	}
	return parameters
}

// TestEncrypted encrypts an image and decrypts it again, with real bytes and with keys that are not the right ones.
func TestEncrypted(t *testing.T) {
	w := newLonghornSite(t)
	from := w.image("clear", "longhorn", func(spec *harvesterv1.VirtualMachineImageSpec) { spec.SourceType = harvesterv1.ImageSourceUpload })
	if err := w.send(from, len(w.file), w.file); err != nil {
		t.Fatal(err)
	}
	w.ready(from)
	sealed := w.copied("sealed", "longhorn-crypto", from.Name, "encrypt", 0)
	w.ready(sealed)
	w.hides(sealed)
	w.starts(sealed)
	opened := w.copied("opened", "longhorn", sealed.Name, "decrypt", 0)
	w.ready(opened)
	w.starts(opened)
	if _, content := w.fetch(opened); sum(content) != sum(w.disk) {
		t.Error("what was decrypted is what it was")
	}
	t.Run("Keyless", func(t *testing.T) { w.For(t).keyless(from.Name) })
	t.Run("Empty", func(t *testing.T) { w.For(t).empty(from.Name) })
	t.Run("Changed", func(t *testing.T) { w.For(t).changed(sealed.Name) })
}

func sum(of []byte) string {
	all := sha512.Sum512(of)
	return hex.EncodeToString(all[:])
}

// hides holds that what Longhorn keeps of an image is a LUKS file with nothing of the disk in it.
func (w *longhornSite) hides(sealed *harvesterv1.VirtualMachineImage) {
	w.T.Helper()
	kept, err := os.ReadFile(played.DiskOf(w.site, sealed.BackingImage()))
	if err != nil || !bytes.HasPrefix(kept, []byte("LUKS\xba\xbe")) || bytes.Contains(kept, w.disk[:28]) {
		w.T.Errorf("what Longhorn keeps of an encrypted image says nothing: %v", err)
	}
	if want := int64(len(w.disk) + played.HeaderBytes); sealed.Status.Size != want || sealed.Status.VirtualSize != want {
		w.T.Errorf("a volume of it has room for LUKS's own bytes: want %d, got %+v", want, sealed.Status)
	}
	if _, err := deliver.Fetch(w.T.Context(), w.caller, sealed); !apierrors.IsConflict(err) {
		w.T.Errorf("who wants encrypted bytes is told to decrypt them first: %v", err)
	}
}

// keyless encrypts with a secret that is made afterwards.
func (w *longhornSite) keyless(from string) {
	w.Make(securedBy("longhorn-later", "later"))
	image := w.copied("keyless", "longhorn-later", from, "encrypt", 0)
	manager.Until(w.Cluster, image, "say which secret is waited for", func(i *harvesterv1.VirtualMachineImage) bool {
		ready := harvesterv1.ConditionOf(i.Status.Conditions, harvesterv1.ConditionReady)
		return ready != nil && ready.Status == metav1.ConditionFalse &&
			strings.Contains(ready.Message, "secret longhorn-system/later, which has the key")
	})
	w.MakeUnheard(cryptoSecret("later", "at last"))
	w.ready(image)
}

// empty encrypts with a secret that has no key.
func (w *longhornSite) empty(from string) {
	w.Make(securedBy("longhorn-empty", "empty"))
	w.MakeUnheard(cryptoSecret("empty", ""))
	w.unopened(w.copied("empty", "longhorn-empty", from, "encrypt", 0), "missing passphrase for encryption")
}

// changed decrypts with a key that is not the one it was encrypted with, and with the right one again.
func (w *longhornSite) changed(sealed string) {
	w.rekey("open barley")
	image := w.copied("barley", "longhorn", sealed, "decrypt", 0)
	w.unopened(image, "No key available with this passphrase")
	w.rekey("open sesame")
	manager.Change(w.Cluster, image, func(i *harvesterv1.VirtualMachineImage) { i.Spec.Retry = 1 })
	w.ready(image)
	if _, content := w.fetch(image); sum(content) != sum(w.disk) {
		w.T.Error("what was decrypted with the right key again is what it was")
	}
}

// rekey writes another key into the secret.
func (w *longhornSite) rekey(passphrase string) {
	w.T.Helper()
	secret := cryptoSecret("crypto", passphrase)
	if err := w.Patch(w.T.Context(), secret, client.Merge); err != nil {
		w.T.Fatal(err)
	}
}

// unopened holds that an image says why the bytes could not be encrypted or decrypted, and that a person has to act.
func (w *longhornSite) unopened(image *harvesterv1.VirtualMachineImage, says string) {
	w.T.Helper()
	manager.Until(w.Cluster, image, "say what is wrong with the key", func(i *harvesterv1.VirtualMachineImage) bool {
		imported := harvesterv1.ConditionOf(i.Status.Conditions, harvesterv1.ImageImported)
		return imported != nil && imported.Status == metav1.ConditionFalse && imported.Reason == fill.ReasonCopyFailed &&
			strings.Contains(imported.Message, says) && harvesterv1.ConditionIsTrue(i.Status.Conditions, harvesterv1.ConditionStalled)
	})
}
