package manager

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
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

// NewWebhooks is a webhook server with a certificate of its own, on a free port.
func NewWebhooks(t *testing.T) *Webhooks {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	if err := listener.Close(); err != nil { // the server wants the port, not the listener
		t.Fatal(err)
	}
	certificate, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{address.IP}, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"tls.crt": certificate, "tls.key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &Webhooks{
		Server:    webhook.NewServer(webhook.Options{Host: "127.0.0.1", Port: address.Port, CertDir: dir}),
		address:   address.String(),
		authority: certificate,
	}
}

// Call has the API server call the webhooks of a resource, and waits until they are served. A path that begins with
// /mutate/ changes objects, any other judges them.
func (w *Webhooks) Call(c *Cluster, resource schema.GroupVersionResource, paths ...string) {
	c.T.Helper()
	w.awaitServer(c.T)
	for _, path := range paths {
		c.Make(w.configuration(resource, path))
	}
}

func (w *Webhooks) configuration(resource schema.GroupVersionResource, path string) client.Object {
	name := strings.ReplaceAll(strings.Trim(path, "/"), "/", ".") + ".test.crofthci.io"
	calls := admissionregistrationv1.WebhookClientConfig{URL: ptr.To("https://" + w.address + path), CABundle: w.authority}
	rules := []admissionregistrationv1.RuleWithOperations{{
		Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.OperationAll},
		Rule: admissionregistrationv1.Rule{
			APIGroups: []string{resource.Group}, APIVersions: []string{resource.Version}, Resources: []string{resource.Resource},
		},
	}}
	none, versions := ptr.To(admissionregistrationv1.SideEffectClassNone), []string{"v1"}
	if strings.HasPrefix(path, "/mutate/") {
		rules[0].Operations = []admissionregistrationv1.OperationType{admissionregistrationv1.Create, admissionregistrationv1.Update}
		return &admissionregistrationv1.MutatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Webhooks: []admissionregistrationv1.MutatingWebhook{
				{Name: name, ClientConfig: calls, Rules: rules, SideEffects: none, AdmissionReviewVersions: versions},
			},
		}
	}
	return &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{
			{Name: name, ClientConfig: calls, Rules: rules, SideEffects: none, AdmissionReviewVersions: versions},
		},
	}
}

func (w *Webhooks) awaitServer(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	dialer := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // only whether it listens is asked
	for {
		connection, err := dialer.DialContext(ctx, "tcp", w.address)
		if err == nil {
			_ = connection.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the webhook server never listened: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
