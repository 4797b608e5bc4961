package norman

import (
	"net/http"

	"github.com/rancher/norman/httperror"
	"github.com/rancher/norman/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"crofthci.io/croft/fleet/standalone/kubeconfig"
	"crofthci.io/croft/pkg/rancher/management"
)

// clusterState says in one word how a cluster is.
func clusterState(object *unstructured.Unstructured, data map[string]any) {
	if data["state"] == "removing" {
		return
	}

	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	state := map[string]string{}

	for _, one := range conditions {
		condition, _ := one.(map[string]any)
		kind, _ := condition["type"].(string)
		status, _ := condition["status"].(string)
		state[kind] = status
	}

	switch {
	case state[management.ConditionReady] == "True":
		data["state"] = "active"
	case state[management.ConditionProvisioned] == "True":
		data["state"] = "unavailable"
	default:
		data["state"], data["transitioning"] = "pending", "yes"
		data["transitioningMessage"] = "waiting for the cluster's agent to connect"
	}
}

// clusterActions gives clusters their kubeconfig.
func clusterActions(o Options, _ *kind, s *types.Schema) {
	s.Formatter = func(request *types.APIContext, resource *types.RawResource) {
		resource.AddAction(request, "generateKubeconfig")
	}
	s.ActionHandler = func(name string, _ *types.Action, request *types.APIContext) error {
		if name != "generateKubeconfig" {
			return httperror.NewAPIError(httperror.InvalidAction, "there is no action "+name)
		}

		// norman has read the cluster as the caller before it came here.
		config, err := o.Kubeconfigs.Write(request.Request.Context(), caller(request), kubeconfig.Request{Clusters: []string{request.ID}})
		if err != nil {
			return translate(err)
		}

		request.WriteResponse(http.StatusOK, map[string]any{"type": "generateKubeconfigOutput", "config": config})

		return nil
	}
}
