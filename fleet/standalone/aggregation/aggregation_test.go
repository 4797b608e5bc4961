package aggregation

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/pkg/rancher/management"
)

func TestFind(t *testing.T) {
	registry := NewRegistry()
	for _, service := range []management.APIService{
		{ObjectMeta: metav1.ObjectMeta{Name: "harvester"}, Spec: management.APIServiceSpec{PathPrefixes: []string{"/v1/harvester/", "/dashboard/"}, Paths: []string{"/v1/harvester"}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "inner"}, Spec: management.APIServiceSpec{PathPrefixes: []string{"/v1/harvester/inner/"}}},
		{ObjectMeta: metav1.ObjectMeta{Name: "empty"}, Spec: management.APIServiceSpec{PathPrefixes: []string{""}}},
	} {
		registry.put(&service)
	}

	cases := map[string]struct{ reason, path, want string }{
		"Prefix":  {"below the prefix", "/v1/harvester/x", "harvester"},
		"Whole":   {"the whole path", "/v1/harvester", "harvester"},
		"Longest": {"the longest prefix wins", "/v1/harvester/inner/x", "inner"},
		"Beside":  {"a name that only begins the same", "/v1/harvesters", ""},
		"Else":    {"somebody else's, and an empty prefix is not everything", "/v1/pods", ""},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ""
			if found := registry.Find(tc.path); found != nil {
				got = found.Name
			}

			if got != tc.want {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}

func TestToken(t *testing.T) {
	// base64(sha256("abc")), as Rancher makes it of a service account's token.
	if got, want := Token("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="; got != want {
		t.Errorf("want %s, got %s", want, got)
	}
}
