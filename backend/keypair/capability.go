package keypair

import (
	"k8s.io/apimachinery/pkg/runtime"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Capability is the SSH keys of a site.
var Capability = capability.Capability{
	Name: "keypair",
	Resources: []capability.Resource{{
		Kind:  harvesterv1.KeyPairKind,
		Read:  capability.As[harvesterv1.KeyPair](),
		State: capability.Stating(State),
		Collective: []capability.Action{
			capability.Make("keygen", keygen).
				Needs("create", harvesterv1.GroupVersion, harvesterv1.KeyPairs.Resource).
				Explained("Makes a pair, keeps the public half, and answers once with the private one as a .pem file."),
		},
		Indexed: []string{"status.fingerPrint"},
	}},
	Scheme: runtime.SchemeBuilder{harvesterv1.AddToScheme},
}
