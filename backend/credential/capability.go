package credential

import (
	"net/http"

	"crofthci.io/croft/backend/capability"
)

// path is where Harvester's clients ask for a kubeconfig.
const path = "kubeconfig"

// Capability is the access of guest clusters.
var Capability = capability.Capability{
	Name: "credential",
	Routes: []capability.Route{
		capability.At(http.MethodPost, path, mint).
			Explained("Mints a guest cluster's access to one namespace, and answers with its kubeconfig."),
		capability.At(http.MethodGet, path, show).
			Explained("Answers with the kubeconfig of an access that was minted before."),
	},
}
