package certificate

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newClient(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()

	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}

	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
}

func presented(t *testing.T, k *Keeper) *x509.Certificate {
	t.Helper()

	certificate, err := k.Certificate(nil)
	if err != nil {
		t.Fatal(err)
	}

	return certificate.Leaf
}

func TestRenew(t *testing.T) {
	now := noon
	c := newClient(t)

	keeper, err := Keep(t.Context(), c, []string{"hub.example", "127.0.0.1"}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}

	first := presented(t, keeper)

	if err := keeper.Renew(t.Context()); err != nil || !presented(t, keeper).Equal(first) {
		t.Errorf("what is good is not replaced: %v", err)
	}

	now = first.NotAfter.Add(-renewBefore + time.Minute)

	if err := keeper.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}

	second := presented(t, keeper)
	if !second.NotAfter.After(first.NotAfter) {
		t.Errorf("a certificate that ends soon is replaced while the hub runs, got one until %s", second.NotAfter)
	}

	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(keeper.AuthorityPEM)

	if _, err := second.Verify(x509.VerifyOptions{Roots: pool, DNSName: "hub.example", CurrentTime: now}); err != nil {
		t.Errorf("whoever trusted the hub trusts it still: %v", err)
	}
}

func TestAuthorityStays(t *testing.T) {
	good, err := newAuthority(noon)
	if err != nil {
		t.Fatal(err)
	}

	other, err := newAuthority(noon)
	if err != nil {
		t.Fatal(err)
	}

	serving, err := newServing(good, []string{"hub.example"}, noon)
	if err != nil {
		t.Fatal(err)
	}

	cases := map[string]struct {
		reason string
		data   map[string][]byte
		now    time.Time
		want   string
	}{
		"NoKey":    {"an authority without its key cannot sign", map[string][]byte{"tls.crt": good.certPEM}, noon, "tls.key"},
		"OtherKey": {"a key that belongs to another", map[string][]byte{"tls.crt": good.certPEM, "tls.key": other.keyPEM}, noon, "belong together"},
		"Empty":    {"an empty secret", nil, noon, "tls.crt"},
		"Leaf":     {"a certificate that may not sign", serving.data(), noon, "no authority"},
		"Ended":    {"one that has ended", good.data(), noon.Add(authorityLife + time.Hour), "ended on 2036"},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: AuthoritySecret}, Data: tc.data}
			c := newClient(t, secret)

			_, err := Ensure(t.Context(), c, []string{"hub.example"}, tc.now)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), AuthoritySecret) {
				t.Errorf("%s: want a sentence with %q, got %v", tc.reason, tc.want, err)
			}

			left := &corev1.Secret{}
			if err := c.Get(t.Context(), client.ObjectKeyFromObject(secret), left); err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(tc.data, left.Data); diff != "" {
				t.Errorf("%s: it must not be overwritten (-want, +got):\n%s", tc.reason, diff)
			}
		})
	}
}
