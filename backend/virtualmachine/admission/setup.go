package admission

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/pkg/admission"
	"crofthci.io/croft/pkg/kubevirt"
)

// Where the webhooks are served.
const (
	MutatePath   = "/mutate/virtualmachines"
	ValidatePath = "/validate/virtualmachines"
)

type (
	machine = kubevirt.VirtualMachine
	request = admission.Request[*machine]
)

// Webhooks are the webhooks of machines.
type Webhooks struct {
	// Agents are users who write machines that others have asked for, such as KubeVirt's controllers. Nobody knows for
	// whom: where the caller's rights are asked, those count that everybody has.
	Agents []string
}

// site is what the rules know of the site.
type site struct {
	// reader reads what is remembered of the site, with the server's rights: what a machine is given, and where to look.
	reader client.Client
	// direct reads what is there now: by what it says, machines are refused.
	direct client.Reader
	// random makes hardware addresses.
	random io.Reader
	// agents are the users who write machines for others.
	agents []string
}

// SetUp adds the webhooks to the manager.
func (w Webhooks) SetUp(manager ctrl.Manager) error {
	s := site{reader: manager.GetClient(), direct: manager.GetAPIReader(), random: rand.Reader, agents: w.Agents}
	indexes := map[string]func(*machine) []string{indexCards: addressesOf, indexVolumes: claim.Named}
	for name, of := range indexes {
		by := func(object client.Object) []string { return of(object.(*machine)) }
		if err := manager.GetFieldIndexer().IndexField(context.Background(), &machine{}, name, by); err != nil {
			return fmt.Errorf("index machines by %s: %w", name, err)
		}
	}
	server := manager.GetWebhookServer()
	server.Register(MutatePath, &webhook.Admission{Handler: admission.Mutator[machine, *machine]{Changes: s.changes()}})
	server.Register(ValidatePath, &webhook.Admission{
		Handler: admission.Validator[machine, *machine]{Fields: fields, Checks: s.checks()},
	})
	server.Register(InstancePath, &webhook.Admission{Handler: admission.Validator[instance, *instance]{Checks: s.runChecks()}})
	return nil
}

// search looks for the machines that are known to hold something, as they are now.
func (s site) search(quick ...client.ListOption) admission.Search {
	return admission.Search{Cache: s.reader, Live: s.direct, Quick: quick, Remembered: true}
}

// changes are what is filled in, in order.
func (s site) changes() []admission.Change[*machine] {
	return []admission.Change[*machine]{
		keepRunning,
		s.follow,
		completeHardware,
		s.promise,
		s.reserve,
		s.headroom,
		s.patience,
		s.addresses,
		s.settle,
		s.remembered,
		readable,
	}
}

// fields are what a machine is checked for without asking anybody.
var fields = []admission.FieldCheck[*machine]{
	limitsGiven,
	reservedMemoryFits,
	graceNotNegative,
	maintenanceStrategyKnown,
	disksDistinct,
	disksShareable,
	addressesDistinct,
	templatesReadable,
	templatesComplete,
	classesKept,
	sizesNotShrunk,
	imagesKept,
	oneMove,
}

// checks are what is asked about a machine, in order.
func (s site) checks() []admission.Check[*machine] {
	return []admission.Check[*machine]{
		s.imagesReadable,
		s.imagesUsable,
		s.classesMatch,
		s.sourcesReadable,
		s.volumesFree,
		s.removalAllowed,
		s.addressesFree,
		s.processorsOwnable,
		s.devicesPermitted,
	}
}
