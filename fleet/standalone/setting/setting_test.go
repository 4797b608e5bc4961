package setting

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/pkg/rancher"
	"crofthci.io/croft/pkg/rancher/management"
)

func reader(t *testing.T, values map[string]string) *Reader {
	t.Helper()

	scheme := runtime.NewScheme()
	if err := rancher.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}

	builder := fake.NewClientBuilder().WithScheme(scheme)
	for name, value := range values {
		builder.WithObjects(&management.Setting{ObjectMeta: metav1.ObjectMeta{Name: name}, Value: value})
	}

	return &Reader{Client: builder.Build()}
}

func TestReader(t *testing.T) {
	const day = 24 * time.Hour

	cases := map[string]struct {
		reason              string
		values              map[string]string
		length              int
		session, kubeconfig time.Duration
	}{
		"Nothing": {"Rancher's defaults", nil, 12, 16 * time.Hour, 30 * day},
		"Set": {
			"what an administrator set", map[string]string{
				passwordLength.Name: "20", sessionMinutes.Name: "30", kubeconfigMinutes.Name: "60",
			}, 20, 30 * time.Minute, time.Hour,
		},
		"Nonsense": {
			"what is no number is the default", map[string]string{
				passwordLength.Name: "-1", sessionMinutes.Name: "soon", kubeconfigMinutes.Name: "99999999999999999999",
			}, 12, 16 * time.Hour, 30 * day,
		},
		"Zero":    {"a login ends, a kubeconfig lives as long as a token may", map[string]string{sessionMinutes.Name: "0", kubeconfigMinutes.Name: "0"}, 12, 16 * time.Hour, 90 * day},
		"Longest": {"no kubeconfig lives longer than a token may", map[string]string{tokenMinutes.Name: "10"}, 12, 16 * time.Hour, 10 * time.Minute},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			r := reader(t, tc.values)
			if got := r.PasswordLength(t.Context()); got != tc.length {
				t.Errorf("%s: want passwords of %d, got %d", tc.reason, tc.length, got)
			}

			if got := r.SessionLife(t.Context()); got != tc.session {
				t.Errorf("%s: want sessions of %s, got %s", tc.reason, tc.session, got)
			}

			if got := r.KubeconfigLife(t.Context()); got != tc.kubeconfig {
				t.Errorf("%s: want kubeconfigs of %s, got %s", tc.reason, tc.kubeconfig, got)
			}
		})
	}
}

func TestTokenLife(t *testing.T) {
	cases := map[string]struct {
		reason, most string
		asked, want  time.Duration
	}{
		"Shorter": {"less than may be", "60", time.Minute, time.Minute},
		"Longer":  {"more than may be", "60", time.Hour * 2, time.Hour},
		"Forever": {"for ever is more than may be", "60", 0, time.Hour},
		"Allowed": {"without a limit it may be for ever", "0", 0, 0},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := reader(t, map[string]string{tokenMinutes.Name: tc.most}).TokenLife(t.Context(), tc.asked); got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}
