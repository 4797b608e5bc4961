package registration

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

func TestNoteLife(t *testing.T) {
	token := func(claims string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".sig"
	}
	old := map[string]string{fleetv1.AnnotationAgentTokenIssued: "2020-01-01T00:00:00Z", fleetv1.AnnotationAgentTokenExpires: "2021-01-01T00:00:00Z", "kept": "yes"}
	cases := map[string]struct {
		reason, token string
		want          map[string]string
	}{
		"Bound": {
			"a token that the kubelet renews", token(`{"iat":1764334800,"exp":1764338400}`),
			map[string]string{fleetv1.AnnotationAgentTokenIssued: "2025-11-28T13:00:00Z", fleetv1.AnnotationAgentTokenExpires: "2025-11-28T14:00:00Z", "kept": "yes"},
		},
		"NoBegin": {"one that does not say since when", token(`{"exp":1764338400}`), map[string]string{fleetv1.AnnotationAgentTokenExpires: "2025-11-28T14:00:00Z", "kept": "yes"}},
		"Forever": {"one of a secret has no end", token(`{"iss":"kubernetes/serviceaccount"}`), map[string]string{"kept": "yes"}},
		"Opaque":  {"one that is no JWT says nothing", "abc", map[string]string{"kept": "yes"}},
		"Garbage": {"nor one that cannot be read", "a.%%.c", map[string]string{"kept": "yes"}},
		"NoJSON":  {"nor one of something else", token("exp"), map[string]string{"kept": "yes"}},
		"Beyond":  {"a day that cannot be written is none", token(`{"exp":9223372036854775807}`), map[string]string{"kept": "yes"}},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			cluster := &management.Cluster{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{}}}
			for key, value := range old {
				cluster.Annotations[key] = value
			}

			noteLife(cluster, tc.token)

			if diff := cmp.Diff(tc.want, cluster.Annotations); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
