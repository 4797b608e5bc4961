package admission

import (
	"context"
	"fmt"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"crofthci.io/croft/pkg/admission"
	"crofthci.io/croft/pkg/kubevirt"
)

// Where the webhooks are served.
const (
	MutatePath   = "/mutate/persistentvolumeclaims"
	ValidatePath = "/validate/persistentvolumeclaims"
)

type (
	claim   = corev1.PersistentVolumeClaim
	request = admission.Request[*claim]
)

// Webhooks are the webhooks of volumes.
type Webhooks struct {
	// Agents are users who write claims that others have asked for, such as KubeVirt's and CDI's controllers: how those
	// get their bytes is their own business, and what was refused was refused to who asked.
	Agents []string
}

// site is what the rules know of the site.
type site struct {
	// reader reads what is remembered of the site, with the server's rights: where to look, and what a class is made of.
	reader client.Client
	// direct reads what is there now: by what it says, volumes are refused and let go.
	direct client.Reader
	agents []string
	// self is the user that the server itself is to the API server.
	self string
}

// indexMachines is the index of machines by the names of their claims.
const indexMachines = "volume.machines"

// SetUp adds the webhooks to the manager.
func (w Webhooks) SetUp(manager ctrl.Manager) error {
	s := site{reader: manager.GetClient(), direct: manager.GetAPIReader(), agents: w.Agents}
	me := &authenticationv1.SelfSubjectReview{}
	if err := s.reader.Create(context.Background(), me); err != nil {
		return fmt.Errorf("ask who the server itself is: %w", err)
	}
	s.self = me.Status.UserInfo.Username
	by := func(object client.Object) []string { return claimsOf(object.(*kubevirt.VirtualMachine)) }
	err := manager.GetFieldIndexer().IndexField(context.Background(), &kubevirt.VirtualMachine{}, indexMachines, by)
	if err != nil {
		return fmt.Errorf("index machines by volume: %w", err)
	}
	server := manager.GetWebhookServer()
	server.Register(MutatePath, &webhook.Admission{
		Handler: admission.Mutator[claim, *claim]{Changes: []admission.Change[*claim]{s.awaitImage, s.ofImage, s.awaitDisk}},
	})
	server.Register(ValidatePath, &webhook.Admission{Handler: admission.Validator[claim, *claim]{
		Fields:  []admission.FieldCheck[*claim]{s.classUsable, imageKept},
		Checks:  []admission.Check[*claim]{s.imageReadable, s.imageFits, s.startReadable, s.ownClassTaken, s.startFits, s.growsInUse, s.ejectedByWhoMay},
		Deletes: []admission.Check[*claim]{s.notAnImage, s.unused, s.notExported, s.notCopied},
	}})
	return nil
}

func (s site) isAgent(r request) bool {
	return slices.Contains(s.agents, r.User.Username)
}
