package admission

import (
	"context"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Where the webhooks are served.
const (
	MutatePath   = "/mutate/virtualmachineimages"
	ValidatePath = "/validate/virtualmachineimages"
)

type (
	image   = harvesterv1.VirtualMachineImage
	request = admission.Request[*image]
)

// site is what the rules know of the site.
type site struct {
	// reader reads what is remembered of the site, with the server's rights: where to look.
	reader client.Client
	// direct reads what is there now: by what it says, images are placed, refused and let go.
	direct client.Reader
}

// SetUp adds the webhooks to the manager.
func SetUp(manager ctrl.Manager) error {
	s := site{reader: manager.GetClient(), direct: manager.GetAPIReader()}
	server := manager.GetWebhookServer()
	server.Register(MutatePath, &webhook.Admission{
		Handler: admission.Mutator[image, *image]{Changes: []admission.Change[*image]{label, s.another, s.settle}},
	})
	server.Register(ValidatePath, &webhook.Admission{Handler: admission.Validator[image, *image]{
		Fields: []admission.FieldCheck[*image]{addressReachable, classKept, sourceServed},
		Checks: []admission.Check[*image]{
			s.nameFree, s.volumeFree, s.sourceReadable, s.sourceThere, s.engineServed, s.volumeBackable,
			s.cryptoServed, s.sealable,
		},
		Deletes: []admission.Check[*image]{s.unused, s.unreferenced},
	}})
	return nil
}

// label writes the display name where clients select by it.
func label(_ context.Context, r request) error {
	if r.Object.Labels == nil {
		r.Object.Labels = map[string]string{}
	}
	r.Object.Labels[harvesterv1.LabelImageDisplayName] = r.Object.Spec.DisplayName
	return nil
}
