package admission

import (
	"k8s.io/apimachinery/pkg/util/validation/field"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"crofthci.io/croft/backend/keypair/validate"
	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Path is where the webhook is served.
const Path = "/validate/keypairs"

type request = admission.Request[*harvesterv1.KeyPair]

// SetUp adds the webhook to the manager.
func SetUp(manager ctrl.Manager) error {
	manager.GetWebhookServer().Register(Path, &webhook.Admission{
		Handler: admission.Validator[harvesterv1.KeyPair, *harvesterv1.KeyPair]{
			Fields: []admission.FieldCheck[*harvesterv1.KeyPair]{keyReadable},
		},
	})
	return nil
}

// keyReadable refuses what is no public key. The value is not repeated: people paste the wrong half.
func keyReadable(r request) field.ErrorList {
	if r.Old != nil && r.Old.Spec.PublicKey == r.Object.Spec.PublicKey {
		return nil // it is older than this check, and says so in its status
	}
	path := field.NewPath("spec", "publicKey")
	if r.Object.Spec.PublicKey == "" {
		return field.ErrorList{field.Required(path, "a line of an authorized_keys file")}
	}
	if _, err := validate.Fingerprint(r.Object.Spec.PublicKey); err != nil {
		return field.ErrorList{field.Invalid(path, field.OmitValueType{}, err.Error())}
	}
	return nil
}
