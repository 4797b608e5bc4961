package manager

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/util/cert"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

// Webhooks is a webhook server on loopback that an API server can be told to call.
type Webhooks struct {
	// Server goes into Options.Webhook.
	Server webhook.Server

	address   string
	authority []byte
}

// listening serves webhooks where it has listened from its beginning, so that nobody else can get the port meanwhile.
type listening struct {
	webhook.Server

	listener net.Listener
}

// Start serves until the context ends.
func (l listening) Start(ctx context.Context) error {
	const slow = time.Minute
	server := &http.Server{Handler: l.WebhookMux(), ReadHeaderTimeout: slow}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(l.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve webhooks: %w", err)
	}
	return nil
}

// NewWebhooks is a webhook server with a certificate of its own, on a free port.
func NewWebhooks(t *testing.T) *Webhooks {
	t.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	secure := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", secure)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // in case that nobody has served there
	server := listening{Server: webhook.NewServer(webhook.Options{}), listener: listener}
	server.Register(bellPath, bell)
	return &Webhooks{Server: server, address: listener.Addr().String(), authority: certificate}
}

// Call has the API server call webhooks as the chart has it call them, and waits until it does. A path that begins with /mutate/
// changes objects, any other judges them. When the test ends it waits until they are called no more.
func (w *Webhooks) Call(c *Cluster, paths ...string) {
	c.T.Helper()
	for _, path := range paths {
		hook, err := shipped(path)
		if err != nil {
			c.T.Fatal(err)
		}
		configuration := w.configuration(hook, path)
		c.T.Cleanup(func() { untilRings(c, configuration.GetName(), false) })
		c.MakeUnheard(configuration)
		untilRings(c, configuration.GetName(), true)
	}
}

func (w *Webhooks) configuration(hook called, path string) client.Object {
	name := strings.ReplaceAll(strings.Trim(path, "/"), "/", ".") + ".test.crofthci.io"
	none, versions := ptr.To(admissionregistrationv1.SideEffectClassNone), []string{"v1"}
	rings := bellOf(name)
	if strings.HasPrefix(path, "/mutate/") {
		return &admissionregistrationv1.MutatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Webhooks: []admissionregistrationv1.MutatingWebhook{
				{
					Name: name, ClientConfig: w.calls(path), Rules: hook.Rules, ObjectSelector: hook.ObjectSelector, MatchPolicy: hook.MatchPolicy,
					MatchConditions: hook.MatchConditions, FailurePolicy: hook.FailurePolicy, SideEffects: none, AdmissionReviewVersions: versions,
				},
				{Name: "bell." + name, ClientConfig: w.calls(bellPath), Rules: bellRules, ObjectSelector: rings, SideEffects: none, AdmissionReviewVersions: versions},
			},
		}
	}
	return &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{
			{
				Name: name, ClientConfig: w.calls(path), Rules: hook.Rules, ObjectSelector: hook.ObjectSelector, MatchPolicy: hook.MatchPolicy,
				MatchConditions: hook.MatchConditions, FailurePolicy: hook.FailurePolicy, SideEffects: none, AdmissionReviewVersions: versions,
			},
			{Name: "bell." + name, ClientConfig: w.calls(bellPath), Rules: bellRules, ObjectSelector: rings, SideEffects: none, AdmissionReviewVersions: versions},
		},
	}
}

func (w *Webhooks) calls(path string) admissionregistrationv1.WebhookClientConfig {
	return admissionregistrationv1.WebhookClientConfig{URL: ptr.To("https://" + w.address + path), CABundle: w.authority}
}

func rules(resource schema.GroupVersionResource, operation admissionregistrationv1.OperationType) []admissionregistrationv1.RuleWithOperations {
	return []admissionregistrationv1.RuleWithOperations{{
		Operations: []admissionregistrationv1.OperationType{operation},
		Rule: admissionregistrationv1.Rule{
			APIGroups: []string{resource.Group}, APIVersions: []string{resource.Version}, Resources: []string{resource.Resource},
		},
	}}
}
