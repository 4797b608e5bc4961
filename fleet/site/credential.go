package site

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

// The names of credentials, and what a person does before they end.
const (
	agentToken       = "AgentToken"
	siteAuthority    = "SiteAuthority"
	webhookAuthority = "WebhookAuthority"
	hubCertificate   = "HubCertificate"
	hubToken         = "HubToken"
)

var remedies = map[string]struct{ what, remedy string }{
	agentToken:       {"The token of the site's agent", "The kubelet renews it while the agent runs; look why it does not, or apply the site's registration manifest again."},
	siteAuthority:    {"The authority that signs the site's API server", "Rotate the certificates of the site's cluster and restart its agent."},
	webhookAuthority: {"The authority of Croft's webhooks at the site", "Delete the secret croft-webhook there and upgrade the chart croft-backend."},
	hubCertificate:   {"The certificate that the hub shows to agents and browsers", "Replace it in the hub."},
	hubToken:         {"Rancher's token with which the hub reaches its sites", "Make a new one and write it into the secret that croft-fleet reads."},
}

// longestNotice is how long before its end a credential is reported, and the part of its life that is left then where that
// is shorter: a token that lives for an hour and is renewed in time is never reported.
const (
	longestNotice = 30 * 24 * time.Hour
	lastPart      = 10
)

// endsSoon says whether a credential is to be reported.
func endsSoon(c fleetv1.Credential, now time.Time) bool {
	notice := longestNotice
	if c.IssuedTime != nil {
		notice = min(notice, c.ExpirationTime.Sub(c.IssuedTime.Time)/lastPart)
	}
	return c.ExpirationTime.Sub(now) < notice
}

// ofCluster are the credentials of which Rancher's cluster tells: what signs its API server, and its agent's token.
func ofCluster(cluster *management.Cluster) []fleetv1.Credential {
	var all []fleetv1.Credential
	if text, err := base64.StdEncoding.DecodeString(cluster.Status.CACert); err == nil {
		all = appendIf(all, certificateOf(siteAuthority, text))
	}
	if ends, err := time.Parse(time.RFC3339, cluster.Annotations[fleetv1.AnnotationAgentTokenExpires]); err == nil {
		token := fleetv1.Credential{Name: agentToken, ExpirationTime: metav1.NewTime(ends)}
		if begins, err := time.Parse(time.RFC3339, cluster.Annotations[fleetv1.AnnotationAgentTokenIssued]); err == nil {
			token.IssuedTime = &metav1.Time{Time: begins}
		}
		all = append(all, token)
	}
	return all
}

func appendIf(all []fleetv1.Credential, one *fleetv1.Credential) []fleetv1.Credential {
	if one == nil {
		return all
	}
	return append(all, *one)
}

// certificateOf is the certificate of a bundle that ends last; nil where there is none. A bundle in rotation holds the old
// authority beside the new one, and what either signs is trusted.
func certificateOf(name string, bundle []byte) *fleetv1.Credential {
	var last *x509.Certificate
	for {
		var block *pem.Block
		if block, bundle = pem.Decode(bundle); block == nil {
			break
		}
		read, err := x509.ParseCertificate(block.Bytes)
		if err == nil && (last == nil || read.NotAfter.After(last.NotAfter)) {
			last = read
		}
	}
	if last == nil {
		return nil
	}
	return credentialOf(name, last)
}

func credentialOf(name string, certificate *x509.Certificate) *fleetv1.Credential {
	return &fleetv1.Credential{Name: name, IssuedTime: &metav1.Time{Time: certificate.NotBefore}, ExpirationTime: metav1.NewTime(certificate.NotAfter)}
}

// webhookPath is where the site says by whose signature its API server knows Croft's webhooks.
const webhookPath = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/croft-backend"

func webhookOf(configuration []byte) (*fleetv1.Credential, error) {
	var read struct {
		Webhooks []struct {
			ClientConfig struct {
				CABundle []byte `json:"caBundle"`
			} `json:"clientConfig"`
		} `json:"webhooks"`
	}
	if err := json.Unmarshal(configuration, &read); err != nil {
		return nil, fmt.Errorf("read the site's webhooks: %w", err)
	}
	for _, webhook := range read.Webhooks {
		if found := certificateOf(webhookAuthority, webhook.ClientConfig.CABundle); found != nil {
			return found, nil
		}
	}
	return nil, nil //nolint:nilnil // the API server trusts the system's authorities there
}

// expiring says whether one of the credentials ends soon, naming the first.
func expiring(all []fleetv1.Credential, now time.Time) metav1.Condition {
	if len(all) == 0 {
		return condition(fleetv1.ConditionCredentialsExpiring, metav1.ConditionUnknown, fleetv1.ReasonNoCredentialKnown, "Of no credential is it known when it ends.")
	}
	var first *fleetv1.Credential
	var names []string
	for i := range all {
		names = append(names, all[i].Name)
		if endsSoon(all[i], now) && (first == nil || all[i].ExpirationTime.Before(&first.ExpirationTime)) {
			first = &all[i]
		}
	}
	if first == nil {
		return condition(fleetv1.ConditionCredentialsExpiring, metav1.ConditionFalse, fleetv1.ReasonCredentialsValid, "None ends soon of "+strings.Join(names, ", ")+".")
	}
	reason, verb := fleetv1.ReasonEndingSoon, "ends"
	if !now.Before(first.ExpirationTime.Time) {
		reason, verb = fleetv1.ReasonEnded, "ended"
	}
	of := remedies[first.Name]
	message := fmt.Sprintf("%s %s at %s. %s", of.what, verb, first.ExpirationTime.UTC().Format(time.RFC3339), of.remedy)
	return condition(fleetv1.ConditionCredentialsExpiring, metav1.ConditionTrue, reason, message)
}
