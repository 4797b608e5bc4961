package site

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func credential(name string, age, left time.Duration) fleetv1.Credential {
	return fleetv1.Credential{Name: name, IssuedTime: &metav1.Time{Time: noon.Add(-age)}, ExpirationTime: metav1.NewTime(noon.Add(left))}
}

func TestExpiring(t *testing.T) {
	unknownBegin := fleetv1.Credential{Name: hubToken, ExpirationTime: metav1.NewTime(noon.Add(20 * day))}
	cases := map[string]struct {
		reason string
		all    []fleetv1.Credential
		want   string
	}{
		"None":     {"nothing is known", nil, "Unknown NoCredentialKnown Of no credential is it known when it ends."},
		"Valid":    {"all last", []fleetv1.Credential{credential(agentToken, 0, 365*day), credential(siteAuthority, 9*365*day, 365*day)}, "False CredentialsValid None ends soon of AgentToken, SiteAuthority."},
		"Soon":     {"a certificate of a year in its last month", []fleetv1.Credential{credential(hubCertificate, 340*day, 25*day)}, "True EndingSoon The certificate that the hub shows to agents and browsers ends at 2026-12-23T12:00:00Z. Replace it in the hub."},
		"Renewed":  {"one of 90 days that is renewed when 30 are left is not reported", []fleetv1.Credential{credential(hubCertificate, 60*day, 30*day)}, "False CredentialsValid None ends soon of HubCertificate."},
		"Hour":     {"nor is a token of an hour that the kubelet renews when 12 minutes are left", []fleetv1.Credential{credential(agentToken, 53*time.Minute, 7*time.Minute)}, "False CredentialsValid None ends soon of AgentToken."},
		"HourGone": {"but it is when nobody has", []fleetv1.Credential{credential(agentToken, 55*time.Minute, 5*time.Minute)}, "True EndingSoon The token of the site's agent ends at 2026-11-28T12:05:00Z. The kubelet renews it while the agent runs; look why it does not, or apply the site's registration manifest again."},
		"First":    {"the one that ends first is named", []fleetv1.Credential{unknownBegin, credential(siteAuthority, 365*day, day)}, "True EndingSoon The authority that signs the site's API server ends at 2026-11-29T12:00:00Z. Rotate the certificates of the site's cluster and restart its agent."},
		"Begin":    {"of one whose begin is not known it is a month", []fleetv1.Credential{unknownBegin}, "True EndingSoon Rancher's token with which the hub reaches its sites ends at 2026-12-18T12:00:00Z. Make a new one and write it into the secret that croft-fleet reads."},
		"Ended":    {"one has ended", []fleetv1.Credential{credential(webhookAuthority, 365*day, -day)}, "True Ended The authority of Croft's webhooks at the site ended at 2026-11-27T12:00:00Z. Delete the secret croft-webhook there and upgrade the chart croft-backend."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := expiring(tc.all, noon)
			if diff := cmp.Diff(tc.want, fmt.Sprintf("%s %s %s", c.Status, c.Reason, c.Message)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

// certificate is a certificate in PEM that ends then.
func certificate(t *testing.T, ends time.Time) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: ends.Add(-365 * day), NotAfter: ends}
	text, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: text})
}

func TestOfCluster(t *testing.T) {
	bundle := append(certificate(t, noon.Add(day)), certificate(t, noon.Add(100*day))...)
	cases := map[string]struct {
		reason  string
		cluster management.Cluster
		want    []fleetv1.Credential
	}{
		"Nothing": {"Rancher tells of none", management.Cluster{}, nil},
		"Garbage": {"or of what is none", management.Cluster{Status: management.ClusterStatus{CACert: "bm9uZQ=="}, ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{fleetv1.AnnotationAgentTokenExpires: "soon"}}}, nil},
		"Bundle": {
			"of a bundle in rotation the last counts", management.Cluster{Status: management.ClusterStatus{CACert: base64.StdEncoding.EncodeToString(bundle)}},
			[]fleetv1.Credential{credential(siteAuthority, 265*day, 100*day)},
		},
		"Token": {
			"the agent's token", management.Cluster{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{
				fleetv1.AnnotationAgentTokenIssued: "2026-11-27T12:00:00Z", fleetv1.AnnotationAgentTokenExpires: "2026-11-29T12:00:00Z",
			}}},
			[]fleetv1.Credential{credential(agentToken, day, day)},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, ofCluster(&tc.cluster)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestWebhookOf(t *testing.T) {
	text, err := json.Marshal(map[string]any{"webhooks": []any{map[string]any{"clientConfig": map[string]any{"caBundle": certificate(t, noon.Add(day))}}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := webhookOf(text)
	want := credential(webhookAuthority, 364*day, day)
	if diff := cmp.Diff(&want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if got, err := webhookOf([]byte(`{"webhooks":[{"clientConfig":{}}]}`)); got != nil || err != nil {
		t.Errorf("webhooks that the system's authorities sign have none: %v, %v", got, err)
	}
}

// TestLookAtRancher looks at a real TLS server: at its certificate also where it is not trusted, and at what it says of
// the hub's own token.
func TestLookAtRancher(t *testing.T) {
	answer, asked := http.StatusOK, ""
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path
		w.WriteHeader(answer)
		fmt.Fprint(w, `{"created":"2026-11-27T12:00:00Z","expiresAt":"2026-11-29T12:00:00Z"}`)
	}))
	defer server.Close()
	leaf := *credentialOf(hubCertificate, server.Certificate())
	cases := map[string]struct {
		reason string
		client *http.Client
		answer int
		want   []fleetv1.Credential
		fails  bool
	}{
		"Both":      {"the certificate and the token", server.Client(), http.StatusOK, []fleetv1.Credential{leaf, credential(hubToken, day, day)}, false},
		"Hidden":    {"Rancher may not tell of the token", server.Client(), http.StatusNotFound, []fleetv1.Credential{leaf}, false},
		"Broken":    {"or not now", server.Client(), http.StatusBadGateway, []fleetv1.Credential{leaf}, true},
		"Untrusted": {"a certificate that is not trusted, such as one that has ended, is looked at all the same", &http.Client{}, http.StatusOK, []fleetv1.Credential{leaf}, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			answer = tc.answer
			got, err := lookAtRancher(t.Context(), tc.client, &rest.Config{Host: server.URL, BearerToken: "token-abc:secret"})
			if (err != nil) != tc.fails {
				t.Errorf("%s: %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
	if asked != "/v3/tokens/token-abc" {
		t.Errorf("asked for %s: the secret of a token stands in no address", asked)
	}
}

// TestKeyring keeps what could not be looked at this time.
func TestKeyring(t *testing.T) {
	told := 0
	k := &keyring{changed: func() { told++ }}
	shown, token := credential(hubCertificate, day, day), credential(hubToken, day, day)
	steps := []struct {
		reason string
		found  []fleetv1.Credential
		whole  bool
		want   []fleetv1.Credential
		told   int
	}{
		{"both are found", []fleetv1.Credential{token, shown}, true, []fleetv1.Credential{shown, token}, 1},
		{"the same again is no news", []fleetv1.Credential{shown, token}, true, []fleetv1.Credential{shown, token}, 1},
		{"Rancher did not answer", nil, false, []fleetv1.Credential{shown, token}, 1},
		{"the token has no end any more", []fleetv1.Credential{shown}, true, []fleetv1.Credential{shown}, 2},
	}
	for _, step := range steps {
		k.keep(step.found, step.whole)
		if diff := cmp.Diff(step.want, k.credentials()); diff != "" || told != step.told {
			t.Errorf("%s: told %d times, want %d (-want +got)\n%s", step.reason, told, step.told, diff)
		}
	}
}

// TestTokenOf reads what Rancher says of tokens.
func TestTokenOf(t *testing.T) {
	cases := map[string]struct {
		reason, text string
		want         bool
	}{
		"Ends":    {"it has an end", `{"expiresAt":"2026-11-29T12:00:00Z"}`, true},
		"Forever": {"it has none", `{"expiresAt":"","ttl":0}`, false},
		"Garbage": {"it is none", `<html>`, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tokenOf([]byte(tc.text)); (got != nil) != tc.want {
				t.Errorf("%s: got %v", tc.reason, got)
			}
		})
	}
}
