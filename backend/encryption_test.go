package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	imageadmission "crofthci.io/croft/backend/image/admission"
	classadmission "crofthci.io/croft/backend/storageclass/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/longhorn"
)

// secured are the parameters of a class that encrypts, without some.
func secured(without ...string) map[string]string {
	parameters := map[string]string{longhorn.ParameterEncrypted: "true"}
	for _, key := range longhorn.SecretParameters {
		parameters[key] = "key"
	}
	maps.DeleteFunc(parameters, func(key, _ string) bool { return slices.Contains(without, key) })
	return parameters
}

// TestEncryptionRefused asks over HTTP for copies of images that the storage cannot encrypt or decrypt. Each is refused
// at once, with the field and what is missing.
func TestEncryptionRefused(t *testing.T) {
	enlist(t)
	for name, class := range map[string]storagev1.StorageClass{
		"plain":   {Provisioner: csiDriver},
		"vault":   {Provisioner: "csi.vault.org", Parameters: secured()},
		"keyless": {Provisioner: "csi.vault.org", Parameters: secured(longhorn.SecretParameters...)},
		"half":    {Provisioner: "csi.vault.org", Parameters: secured(longhorn.SecretParameters[4])},
		"cloning": {Provisioner: csiDriver, Parameters: secured()},
	} {
		class.Name = name
		create(t, &class)
	}
	create(t, &cdi.StorageProfile{
		ObjectMeta: metav1.ObjectMeta{Name: "cloning"}, Status: cdi.StorageProfileStatus{CloneStrategy: ptr.To(cdi.CloneStrategy("csi-clone"))},
	})
	for name, class := range map[string]string{"clear": "plain", "locked": "vault", "early": "", "homeless": "gone"} {
		conditions := []harvesterv1.Condition{hasBytes}
		if class == "" {
			conditions = nil
		}
		made := imaged(t, name, harvesterv1.ImageSourceDownload, nil, conditions...)
		made.Status.TargetStorageClassName = class
		if err := site.admin.Status().Update(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}
	guard(t, imageadmission.SetUp, imageadmission.ValidatePath)
	const class, source, operation = "spec.targetStorageClassName", "spec.securityParameters.sourceImageName", "spec.securityParameters.cryptoOperation"
	cases := map[string]struct {
		reason, does, of, onto string
		field, says            string
	}{
		"Plain":     {"a class that does not encrypt is named", "encrypt", "clear", "plain", class, "storage class plain does not encrypt"},
		"Keyless":   {"so is one that names no secret", "encrypt", "clear", "keyless", class, "storage class keyless names no secret with the key: it has no parameter csi.storage.k8s.io/provisioner-secret-name"},
		"Half":      {"or names it for some calls alone", "encrypt", "clear", "half", class, "it has no parameter csi.storage.k8s.io/node-stage-secret-name"},
		"Cloning":   {"or whose driver copies volumes as they are", "encrypt", "clear", "cloning", class, "storage class cloning copies volumes by itself, as they are"},
		"Nowhere":   {"or is not there", "encrypt", "clear", "nowhere", class, "must name a storage class that exists"},
		"Twice":     {"once is enough", "encrypt", "locked", "vault", class, "the image is encrypted already, by storage class vault"},
		"Open":      {"there is nothing to decrypt", "decrypt", "clear", "plain", class, "the image is not encrypted"},
		"Still":     {"nor is it decrypted onto a class that encrypts", "decrypt", "locked", "vault", class, "storage class vault encrypts what is kept on it"},
		"Early":     {"what has no bytes yet is not copied", "encrypt", "early", "vault", source, "is not ready"},
		"Missing":   {"nor what is not there", "encrypt", "nothing", "vault", source, "default/nothing"},
		"Homeless":  {"nor what lies on a class that is gone", "encrypt", "homeless", "vault", source, "is kept on a storage class that is gone: gone"},
		"Operation": {"there are two operations", "scramble", "clear", "vault", operation, "scramble"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ask(t, admin, http.MethodPost, strings.TrimSuffix(images, "/"+home+"/"), copyText(tc.does, home, tc.of, tc.onto))
			if got.status != http.StatusUnprocessableEntity || got.body.FieldName != tc.field || !strings.Contains(got.body.Message, tc.says) {
				t.Errorf("%s: want 422 %s %q, got %d %s", tc.reason, tc.field, tc.says, got.status, got.text)
			}
		})
	}
	t.Run("Unread", func(t *testing.T) {
		got := ask(t, editor, http.MethodPost, strings.TrimSuffix(images, "/"+home+"/"), copyText("encrypt", "kube-system", "secret", "vault"))
		if got.status != http.StatusForbidden || !strings.Contains(got.body.Message, "may not read the source kube-system/secret") {
			t.Errorf("nobody learns whether there is an image that he may not read: %d %s", got.status, got.text)
		}
	})
	made := &harvesterv1.VirtualMachineImage{}
	if err := site.admin.Get(t.Context(), client.ObjectKey{Namespace: home, Name: "copy"}, made); err == nil {
		t.Errorf("nothing is made of what is refused: %+v", made)
	}
	t.Run("Classes", secretlessRefused)
}

// copyText is an image that is to be a copy of another.
func copyText(operation, namespace, of, class string) string {
	return fmt.Sprintf(`{"metadata":{"namespace":%q,"name":"copy"},"spec":{"displayName":"copy","sourceType":"clone","backend":"cdi",`+
		`"targetStorageClassName":%q,"securityParameters":{"cryptoOperation":%q,"sourceImageNamespace":%q,"sourceImageName":%q}}}`,
		home, class, operation, namespace, of)
}

// secretlessRefused makes classes over HTTP that encrypt and do not say where the key is.
func secretlessRefused(t *testing.T) {
	guard(t, classadmission.SetUp, classadmission.Path)
	for _, key := range longhorn.SecretParameters {
		t.Run(strings.TrimPrefix(key, "csi.storage.k8s.io/"), func(t *testing.T) {
			body, err := json.Marshal(storagev1.StorageClass{
				ObjectMeta: metav1.ObjectMeta{Name: "forgetful"}, Provisioner: longhorn.Driver, Parameters: secured(key),
			})
			if err != nil {
				t.Fatal(err)
			}
			got := ask(t, admin, http.MethodPost, "/v1/harvester/storage.k8s.io.storageclasses", string(body))
			if got.status != http.StatusUnprocessableEntity || got.body.FieldName != "parameters["+key+"]" ||
				!strings.Contains(got.body.Message, "an encrypted class names the secret with the key") {
				t.Errorf("what is missing is named: %d %s", got.status, got.text)
			}
		})
	}
}
