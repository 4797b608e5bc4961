package clients

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// guestCluster has the machine be a node of a guest cluster, whose cloud provider and CSI driver ask with a kubeconfig
// that the site has minted for them.
func (n node) guestCluster(t *testing.T) {
	as := n.as(t, n.raw(t, http.MethodPost, "kubeconfig", map[string]string{
		"csiclusterRoleName": "harvesterhci.io:csi-driver", "clusterRoleName": "harvesterhci.io:cloudprovider",
		"namespace": n.namespace, "serviceAccountName": "blue",
	}))
	cloud, storage := provider{as}, csiDriver{as}
	t.Run("Exists", cloud.exists)
	t.Run("Metadata", cloud.metadata)
	t.Run("Placed", cloud.placed(n.site))
	t.Run("Found", cloud.found)
	t.Run("Agent", cloud.agent)
	t.Run("Kept", n.kept)
	t.Run("Start", storage.start)
	t.Run("Volume", storage.volume)
	t.Run("Subresource", storage.volumeByVerb)
	t.Run("Filesystem", storage.filesystem)
	t.Run("Grow", storage.grow(n.site))
	t.Run("Snapshot", storage.snapshot(n.site))
}

// guest is the CSI driver again, with the kubeconfig that was minted before.
func (n node) guest(t *testing.T) csiDriver {
	t.Helper()
	query := url.Values{"namespace": {n.namespace}, "serviceAccountName": {"blue"}}
	return csiDriver{n.as(t, n.raw(t, http.MethodGet, "kubeconfig?"+query.Encode(), nil))}
}

// as is the node as somebody with another kubeconfig sees it, which is sent as a string of JSON.
func (n node) as(t *testing.T, answer []byte) life {
	t.Helper()
	var content string
	if err := json.Unmarshal(answer, &content); err != nil {
		t.Fatalf("the kubeconfig is a string: %v in %s", err, answer)
	}
	config, err := clientcmd.NewClientConfigFromBytes([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	if namespace, _, err := config.Namespace(); err != nil || namespace != n.namespace {
		t.Errorf("the guest cluster's programs read from it where its machines are: %q, %v", namespace, err)
	}
	rest, err := config.ClientConfig()
	if err != nil {
		t.Fatal(err)
	}
	return life{site: &site{clients: clientsOf(t, rest), namespace: n.namespace}, name: n.name, image: n.image}
}

// kept asks for what is not the guest cluster's.
func (n node) kept(t *testing.T) {
	as := n.guest(t)
	if _, err := as.harvester.KubevirtV1().VirtualMachines("default").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("what is in another namespace is not its own: %v", err)
	}
	if _, err := as.kube.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("nor are the site's nodes: %v", err)
	}
	const other = "default"
	cases := map[string]struct {
		reason, namespace, verb, group, resource string
		want                                     bool
	}{
		"Own":      {"the cloud provider finds its machines", n.namespace, "list", "kubevirt.io", "virtualmachines", true},
		"Plug":     {"the CSI driver plugs volumes in", n.namespace, "update", "subresources.kubevirt.io", "virtualmachines/addvolume", true},
		"Volume":   {"and makes them", n.namespace, "create", "", "persistentvolumeclaims", true},
		"Make":     {"what nodes hold makes no machines", n.namespace, "create", "kubevirt.io", "virtualmachines", false},
		"Remove":   {"and removes none", n.namespace, "delete", "kubevirt.io", "virtualmachines", false},
		"Secrets":  {"it reads no secrets, and so no user data of other nodes", n.namespace, "get", "", "secrets", false},
		"Accounts": {"it makes no accounts", n.namespace, "create", "", "serviceaccounts", false},
		"Roles":    {"nor gives itself rights", n.namespace, "create", "rbac.authorization.k8s.io", "rolebindings", false},
		"Theirs":   {"volumes of another namespace", other, "get", "", "persistentvolumeclaims", false},
		"Unplug":   {"machines of another namespace", other, "update", "subresources.kubevirt.io", "virtualmachines/removevolume", false},
		"Every":    {"volumes of all namespaces", "", "list", "", "persistentvolumeclaims", false},
	}
	for name, tc := range cases {
		resource, subresource, _ := strings.Cut(tc.resource, "/")
		review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: tc.namespace, Verb: tc.verb, Group: tc.group, Resource: resource, Subresource: subresource,
			},
		}}
		review, err := as.kube.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
		if err != nil || review.Status.Allowed != tc.want {
			t.Errorf("%s: %s: allowed %t, %v", name, tc.reason, review.Status.Allowed, err)
		}
	}
}
