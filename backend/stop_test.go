package main

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/rancher/remotedialer"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/steve"
)

// rancher is the end of the tunnel that the site dials, and a client that asks through it as an administrator.
func rancher(t *testing.T) (*remotedialer.Server, *http.Client) {
	t.Helper()
	dialled := remotedialer.New(func(req *http.Request) (string, bool, error) {
		return "site", req.Header.Get("Authorization") == "Bearer stv-cluster-token", nil
	}, remotedialer.DefaultErrorWriter)
	server := httptest.NewTLSServer(dialled)
	t.Cleanup(server.Close)
	secret := steve.Tunnels[0]
	// It stays: there is no controller here that would let a namespace go.
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: secret.Namespace}}
	if err := client.IgnoreAlreadyExists(site.admin.Create(t.Context(), namespace)); err != nil {
		t.Fatal(err)
	}
	create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: secret.Namespace, Name: secret.Name},
		Data: map[string][]byte{
			"url": []byte(server.URL + "/v3/connect"), "token": []byte("stv-cluster-token"),
			"ca.crt": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		},
	})
	transport := &http.Transport{DialContext: dialled.Dialer("site")}
	t.Cleanup(transport.CloseIdleConnections)
	return dialled, &http.Client{Transport: transport}
}

// through asks the site through the tunnel.
func through(t *testing.T, hub *http.Client, path string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://site"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Impersonate-User", "system:serviceaccount:"+home+":"+admin)
	return hub.Do(req)
}

// ready asks whether the site says that it is ready, and what it says.
func ready(t *testing.T, hub *http.Client) (bool, string) {
	t.Helper()
	response, err := through(t, hub, "/v1/harvester/readyz")
	if err != nil {
		return false, err.Error()
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode == http.StatusOK, string(text)
}

// TestStopLetsTheTunnelEnd stops the program as it is shipped while somebody asks it through the tunnel, where nearly
// all requests come from.
func TestStopLetsTheTunnelEnd(t *testing.T) {
	dialled, hub := rancher(t)
	serve := start(t, "serve", "--kubeconfig="+site.cluster.Kubeconfig(), "--listen="+free(t), "--data-dir="+t.TempDir())
	eventually(t, "the program dials", func() bool { return dialled.HasSession("site") })
	eventually(t, "the program is ready", func() bool {
		is, _ := ready(t, hub)
		return is
	})
	// A watch that the API server ends by itself: long after the program was asked to stop, and before that waits no longer.
	watch, err := through(t, hub, "/api/v1/namespaces?watch=true&timeoutSeconds=6")
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Body.Close()
	if watch.StatusCode != http.StatusOK {
		t.Fatalf("watching through the tunnel: %s", watch.Status)
	}
	if err := serve.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a program that stops says that it is not ready", func() bool {
		is, says := ready(t, hub)
		return !is && strings.Contains(says, "stopping")
	})
	if _, err := io.Copy(io.Discard, watch.Body); err != nil {
		t.Errorf("a request under way is answered to its end: %v", err)
	}
	if err := <-serve.ended; err != nil {
		t.Errorf("a stop is no failure: %v", err)
	}
	eventually(t, "the program hangs up", func() bool { return !dialled.HasSession("site") })
	serve.requireStructured(t)
}
