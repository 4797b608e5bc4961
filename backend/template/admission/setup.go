package admission

import (
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Where the webhooks are served.
const (
	TemplatePath    = "/validate/virtualmachinetemplates"
	VersionPath     = "/validate/virtualmachinetemplateversions"
	NameVersionPath = "/mutate/virtualmachinetemplateversions"
)

type (
	template        = harvesterv1.VirtualMachineTemplate
	version         = harvesterv1.VirtualMachineTemplateVersion
	templateRequest = admission.Request[*template]
	versionRequest  = admission.Request[*version]
)

// site is what the rules know of the site.
type site struct {
	// asks asks what users may.
	asks client.Client
	// reader reads what the site keeps, with the server's rights, and as it is now: clients make a template and its first
	// version in one breath.
	reader client.Reader
}

// SetUp adds the webhooks to the manager.
func SetUp(manager ctrl.Manager) error {
	s := site{asks: manager.GetClient(), reader: manager.GetAPIReader()}
	server := manager.GetWebhookServer()
	server.Register(TemplatePath, &webhook.Admission{Handler: admission.Validator[template, *template]{
		Checks: []admission.Check[*template]{s.defaultIsVersion},
	}})
	server.Register(NameVersionPath, &webhook.Admission{Handler: admission.Mutator[version, *version]{
		Changes: []admission.Change[*version]{named},
	}})
	server.Register(VersionPath, &webhook.Admission{Handler: admission.Validator[version, *version]{
		Fields:  []admission.FieldCheck[*version]{unchanged, besideTemplate},
		Checks:  []admission.Check[*version]{s.templateThere, s.keysReadable, s.imageReadable},
		Deletes: []admission.Check[*version]{s.notDefault},
	}})
	return nil
}
