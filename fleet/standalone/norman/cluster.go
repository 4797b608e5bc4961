package norman

import (
	"fmt"
	"net/http"
	"time"

	"github.com/rancher/norman/httperror"
	"github.com/rancher/norman/types"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/proxy"
	"crofthci.io/croft/fleet/standalone/token"
	"crofthci.io/croft/pkg/rancher/management"
)

// kubeconfigLife is Rancher's setting kubeconfig-default-token-ttl-minutes.
const kubeconfigLife = 30 * 24 * time.Hour

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
		config, err := o.kubeconfig(request, request.ID)
		if err != nil {
			return err
		}

		request.WriteResponse(http.StatusOK, map[string]any{"type": "generateKubeconfigOutput", "config": config})

		return nil
	}
}

// kubeconfig leads through this server into a cluster, with a new token of the caller.
func (o Options) kubeconfig(request *types.APIContext, cluster string) (string, error) {
	presented, _, err := o.Tokens.Mint(request.Request.Context(), token.Request{
		UserID: caller(request).GetName(), Kind: "kubeconfig", Life: kubeconfigLife,
		Description: "Kubeconfig token", ClusterName: cluster,
	})
	if err != nil {
		return "", err
	}

	have := &management.Cluster{}
	if err := o.Live.Get(request.Request.Context(), client.ObjectKey{Name: cluster}, have); err != nil {
		return "", translate(err)
	}

	name := have.Spec.DisplayName
	if name == "" {
		name = cluster
	}

	content, err := clientcmd.Write(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {
			Server: o.ServerURL + proxy.Prefix + cluster, CertificateAuthorityData: o.AuthorityPEM,
		}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {Token: presented}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	})
	if err != nil {
		return "", fmt.Errorf("write the kubeconfig of cluster %s: %w", cluster, err)
	}

	return string(content), nil
}
