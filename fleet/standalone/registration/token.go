package registration

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/random"
	"crofthci.io/croft/pkg/rancher/management"
)

// tokenLength is that of Rancher's registration tokens.
const tokenLength = 54

// tokens makes the secret word of a registration token, and the sentences for
// people around it.
type tokens struct {
	cached    client.Client
	serverURL string
	checksum  func() string
}

// Reconcile fills the status of one registration token.
func (t *tokens) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	token := &management.ClusterRegistrationToken{}
	if err := t.cached.Get(ctx, req.NamespacedName, token); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}

	if token.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}

	before := token.DeepCopy()

	if token.Status.Token == "" {
		word, err := random.Word(tokenLength)
		if err != nil {
			return ctrl.Result{}, err
		}

		token.Status.Token = word
	}

	cluster := token.Spec.ClusterName
	if cluster == "" {
		cluster = token.Namespace
	}

	url := ManifestURL(t.serverURL, token.Status.Token, cluster)
	token.Status.ManifestURL = url
	token.Status.Command = "kubectl apply -f " + url
	token.Status.InsecureCommand = fmt.Sprintf("curl --insecure -sfL %s | kubectl apply -f -", url)

	if equality.Semantic.DeepEqual(before.Status, token.Status) {
		return ctrl.Result{}, nil
	}

	// With the version, so that two writers do not make two tokens.
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := t.cached.Status().Patch(ctx, token, patch); err != nil {
		return ctrl.Result{}, fmt.Errorf("status of registration token %s: %w", req, err)
	}

	return ctrl.Result{}, nil
}

// ManifestURL is where the manifest of a cluster's agent is.
func ManifestURL(serverURL, token, cluster string) string {
	return serverURL + ImportPrefix + token + "_" + cluster + ".yaml"
}

// ParseManifestName reads the last part of a manifest's URL.
func ParseManifestName(name string) (token, cluster string, ok bool) {
	name, found := strings.CutSuffix(name, ".yaml")
	if !found {
		return "", "", false
	}

	token, cluster, found = strings.Cut(name, "_")

	return token, cluster, found && token != "" && cluster != ""
}
