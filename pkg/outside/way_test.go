package outside_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/outside"
)

func TestFind(t *testing.T) {
	cases := map[string]struct {
		reason   string
		settings map[string]string
		want     outside.Way
	}{
		"None":    {"a site without settings goes straight", nil, outside.Way{}},
		"Default": {"and so it does by default", map[string]string{"http-proxy": "{}", "additional-ca": ""}, outside.Way{}},
		"Both": {"both settings count", map[string]string{"http-proxy": `{"httpsProxy":"http://proxy:3128","noProxy":".example.org"}`, "additional-ca": "PEM"}, outside.Way{
			Proxy: harvesterv1.HTTPProxy{HTTPS: "http://proxy:3128", No: ".example.org"}, Authorities: "PEM",
		}},
		"Broken": {"one that cannot be read says so itself, and the other counts", map[string]string{"http-proxy": "{", "additional-ca": "PEM"}, outside.Way{Authorities: "PEM"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			kinds := runtime.NewScheme()
			if err := harvesterv1.AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			var objects []client.Object
			for of, value := range tc.settings {
				objects = append(objects, &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: of}, Value: value})
			}
			got, err := outside.Find(t.Context(), fake.NewClientBuilder().WithScheme(kinds).WithObjects(objects...).Build())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestBetween(t *testing.T) {
	way := outside.Way{Proxy: harvesterv1.HTTPProxy{HTTP: "http://plain:3128", HTTPS: "http://secure:3128", No: "mirror.example.org,192.0.2.0/24"}}
	cases := map[string]struct {
		reason, url, want string
	}{
		"HTTP":     {"http has its proxy", "http://images.example.org/disk", "http://plain:3128"},
		"HTTPS":    {"and https has its own", "https://images.example.org/disk", "http://secure:3128"},
		"Named":    {"who is named in noProxy is asked himself", "https://mirror.example.org/disk", ""},
		"Network":  {"also by his network", "http://192.0.2.7/disk", ""},
		"Service":  {"what is in the cluster is not outside", "http://files.default.svc/disk", ""},
		"Pod":      {"nor is a pod", "http://10.42.0.7/disk", ""},
		"Loopback": {"nor is the machine itself", "http://127.0.0.1/disk", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tc.url, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			proxy, err := way.Between(request)
			if err != nil {
				t.Fatal(err)
			}
			if proxy != nil {
				got = proxy.String()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
