package admission

import (
	storagev1 "k8s.io/api/storage/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"crofthci.io/croft/pkg/admission"
)

// Path is where the webhook is served.
const Path = "/validate/storageclasses"

type (
	class   = storagev1.StorageClass
	request = admission.Request[*class]
)

// site is what the rules know of the site.
type site struct {
	// direct reads the classes as they are now: the default is taken from one and given to another in one breath.
	direct client.Reader
}

// SetUp adds the webhook to the manager.
func SetUp(manager ctrl.Manager) error {
	s := site{direct: manager.GetAPIReader()}
	manager.GetWebhookServer().Register(Path, &webhook.Admission{Handler: admission.Validator[class, *class]{
		Fields:  []admission.FieldCheck[*class]{localityServed, replicasCounted, encryptionComplete, hintsReadable, hintsServed},
		Checks:  []admission.Check[*class]{s.defaultAlone},
		Deletes: []admission.Check[*class]{notReserved, notDefault, s.unused},
	}})
	return nil
}
