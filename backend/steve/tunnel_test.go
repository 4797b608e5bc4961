package steve_test

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rancher/remotedialer"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// rancher is the end of the tunnel that the server dials. It lets in who has the token.
func rancher(t *testing.T, token string) (*remotedialer.Server, *httptest.Server) {
	t.Helper()
	dialled := remotedialer.New(func(req *http.Request) (string, bool, error) {
		return "site", req.Header.Get("Authorization") == "Bearer "+token, nil
	}, remotedialer.DefaultErrorWriter)
	server := httptest.NewTLSServer(dialled)
	t.Cleanup(server.Close)
	return dialled, server
}

func TestTunnel(t *testing.T) {
	have(t, home, "one", nil)
	dialled, server := rancher(t, "first")
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "stv-aggregation"},
		Data: map[string][]byte{
			"url": []byte(server.URL + "/v3/connect"), "token": []byte("first"),
			"ca.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		},
	}
	if err := site.admin.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = site.admin.Delete(context.Background(), secret) })
	if err := site.server.ServeTunnels(t.Context(), types.NamespacedName{Namespace: home, Name: "stv-aggregation"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server dials", func() bool { return dialled.HasSession("site") })

	through := &http.Client{Transport: &http.Transport{DialContext: dialled.Dialer("site")}}
	defer through.CloseIdleConnections()
	cases := map[string]struct {
		reason  string
		path    string
		headers map[string]string
		want    int
	}{
		"Reader":   {"Rancher says for whom it asks", one, asImpersonated(reader), http.StatusOK},
		"Stranger": {"and the rights are his", one, asImpersonated(stranger), http.StatusNotFound},
		"Nobody":   {"Rancher must say so", one, nil, http.StatusUnauthorized},
		"Rancher":  {"it asks for itself whether the site is connected", "/ping", nil, http.StatusOK},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://site"+tc.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			for header, value := range tc.headers {
				req.Header.Set(header, value)
			}
			response, err := through.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != tc.want {
				t.Errorf("%s: status %d", tc.reason, response.StatusCode)
			}
		})
	}

	t.Run("Moved", func(t *testing.T) {
		next, elsewhere := rancher(t, "second")
		secret.Data["url"], secret.Data["token"] = []byte(elsewhere.URL), []byte("second")
		secret.Data["ca.crt"] = []byte{} // present and empty: no verification, as Rancher means it
		if err := site.admin.Update(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the server dials where the secret says now", func() bool { return next.HasSession("site") })
		eventually(t, "and hangs up where it said before", func() bool { return !dialled.HasSession("site") })
		if err := site.admin.Delete(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		eventually(t, "a site that has left dials no more", func() bool { return !next.HasSession("site") })
	})
}
