package downstream

import (
	"context"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"crofthci.io/croft/fleet/standalone/tunnel"
	"crofthci.io/croft/pkg/rancher"
	"crofthci.io/croft/pkg/rancher/management"
)

// TestForgetMeanwhile has an agent bring another credential while the way into its cluster is made of the old one, which
// must not be remembered: the cluster would be closed to the hub for as long as the agent stays connected.
func TestForgetMeanwhile(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := errors.Join(rancher.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}

	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: CredentialNamespace, Name: "credential"}, Data: map[string][]byte{CredentialKey: []byte("old")},
	}
	live := fake.NewClientBuilder().WithScheme(scheme).WithObjects(secret, &management.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: "c-1"},
		Status:     management.ClusterStatus{APIEndpoint: "https://10.0.0.1:6443", ServiceAccountTokenSecret: secret.Name},
	}).Build()
	clusters := &Clusters{Reader: live, Tunnel: tunnel.New(func(string) {}, func(context.Context, error) {})}
	brought := false
	clusters.Secrets = interceptor.NewClient(live, interceptor.Funcs{Get: func(
		ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, options ...client.GetOption,
	) error {
		err := c.Get(ctx, key, into, options...)
		if brought || err != nil {
			return err
		}

		brought = true
		now := into.DeepCopyObject().(*corev1.Secret) //nolint:forcetypeassert // only Secrets are read here.
		now.Data = map[string][]byte{CredentialKey: []byte("new")}
		err = c.Update(ctx, now)

		clusters.Forget("c-1")

		return err
	}})

	for _, want := range []string{"old", "new"} {
		found, err := clusters.way(t.Context(), "c-1")
		if err != nil {
			t.Fatal(err)
		}

		if found.config.BearerToken != want {
			t.Errorf("want the credential %q, got %q", want, found.config.BearerToken)
		}
	}
}
