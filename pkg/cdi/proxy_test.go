package cdi_test

import (
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"

	"crofthci.io/croft/pkg/cdi"
)

func TestProxyURL(t *testing.T) {
	guessed, said := "https://uploads.example.org", "https://127.0.0.1:8443/"
	cases := map[string]struct {
		reason string
		config cdi.Config
		want   string
	}{
		"Service": {"the proxy is a neighbour", cdi.Config{}, "https://cdi-uploadproxy.cdi.svc"},
		"Guessed": {"an ingress is the long way round", cdi.Config{Status: cdiv1.CDIConfigStatus{UploadProxyURL: &guessed}}, "https://cdi-uploadproxy.cdi.svc"},
		"Said":    {"what somebody says counts", cdi.Config{Spec: cdiv1.CDIConfigSpec{UploadProxyURLOverride: &said}}, "https://127.0.0.1:8443"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, cdi.ProxyURL(&tc.config)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// receiver is an upload proxy that keeps what arrives whole.
func receiver(arrived *string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		*arrived = r.Method + " " + r.URL.Path + " " + r.Header.Get("Authorization") + " " + string(body)
		switch string(body) {
		case "large":
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, "Saving stream failed: it does not fit\n")
		case "mute!":
			w.WriteHeader(http.StatusBadGateway)
		}
	}
}

func TestSend(t *testing.T) {
	dead := errors.New("the line went dead")
	cases := map[string]struct {
		reason string
		bytes  io.Reader
		trusts func(own []byte) []byte
		got    string
		err    string
	}{
		"Whole":    {"what is sent arrives under the token", strings.NewReader("bytes"), nil, "POST /v1beta1/upload Bearer secret bytes", ""},
		"Refused":  {"the pod's own words are kept", strings.NewReader("large"), nil, "POST /v1beta1/upload Bearer secret large", "Saving stream failed: it does not fit"},
		"Mute":     {"an answer without words is named", strings.NewReader("mute!"), nil, "POST /v1beta1/upload Bearer secret mute!", "CDI's upload proxy answers 502 Bad Gateway"},
		"Broken":   {"what breaks off is no whole", io.MultiReader(strings.NewReader("by"), iotest.ErrReader(dead)), nil, "", "the line went dead"},
		"Short":    {"what ends early is no whole", strings.NewReader("by"), nil, "", "ContentLength=5 with Body length 2"},
		"Stranger": {"nobody else's certificate is believed", strings.NewReader("bytes"), func([]byte) []byte { return nil }, "", "certificate"},
		"Garbage":  {"what is no certificate is said", strings.NewReader("bytes"), func([]byte) []byte { return []byte("hello") }, "", "no certificates in PEM"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got string
			server := httptest.NewUnstartedServer(receiver(&got))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
			if tc.trusts != nil {
				own = tc.trusts(own)
			}
			err := cdi.Proxy{URL: server.URL, Authorities: own}.Send(t.Context(), "secret", 5, tc.bytes)
			server.Close() // it waits for what it is at
			if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: want error %q, got %v", tc.reason, tc.err, err)
			}
			if diff := cmp.Diff(tc.got, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
