package metrics

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
)

var (
	now = time.Unix(7230, 0)
	web = types.NamespacedName{Namespace: "default", Name: "web"}
)

func TestOf(t *testing.T) {
	const said = `{"status":"success","data":{"resultType":"matrix","result":[
		{"metric":{"measure":"cpu"},"values":[[3600,"0.5"],[3660,"NaN"]]},
		{"metric":{"measure":"memory"},"values":[[3600,"1024"],[3660.0,"2048"]]}]}}`
	cases := map[string]struct {
		reason string
		status int
		body   string
		want   []Point
		fails  string
	}{
		"Told": {
			reason: "the measures of one moment come together; what is no number is not known", status: http.StatusOK, body: said,
			want: []Point{{At: 3600000, Values: map[string]float64{"cpu": 0.5, "memory": 1024}}, {At: 3660000, Values: map[string]float64{"memory": 2048}}},
		},
		"Nothing": {reason: "a machine that has not run has used nothing", status: http.StatusOK, body: `{"data":{"result":[]}}`, want: []Point{}},
		"Failing": {reason: "a Prometheus that fails is not available", status: http.StatusInternalServerError, fails: "500"},
		"Foreign": {reason: "what is no Prometheus is not available either", status: http.StatusOK, body: "<html>", fails: "invalid character"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			}))
			defer server.Close()
			usage, err := Of(t.Context(), server.URL, Machine{NamespacedName: web}, now)
			if tc.fails != "" {
				if !apierrors.IsServiceUnavailable(err) || !strings.Contains(err.Error(), tc.fails) {
					t.Errorf("%s: %v", tc.reason, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, usage.Points); diff != "" {
				t.Errorf("%s: %s", tc.reason, diff)
			}
		})
	}
	if _, err := Of(t.Context(), "", Machine{NamespacedName: web}, now); !apierrors.IsServiceUnavailable(err) {
		t.Errorf("without a Prometheus: %v", err)
	}
}

// TestGolden holds the question that a real Prometheus answers in test/prometheus.
func TestGolden(t *testing.T) {
	got, err := question(web)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/question.golden.promql")
	if err != nil || strings.TrimSpace(string(want)) != got {
		t.Errorf("it asks %s\nnot as testdata says: %v", got, err)
	}
}

func TestQuestion(t *testing.T) {
	cases := map[string]struct {
		reason string
		since  time.Time
		want   map[string]string
	}{
		"Old": {reason: "of a machine that is old, the last hour", want: map[string]string{"start": "3600", "end": "7200", "step": "60"}},
		"New": {reason: "of a new one, nothing that its name has used before", since: time.Unix(6010, 0), want: map[string]string{"start": "6060", "end": "7200", "step": "60"}},
		"Now": {reason: "of one that is just made, nothing is asked", since: now},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got map[string]string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got = map[string]string{}
				for _, key := range []string{"start", "end", "step"} {
					got[key] = r.URL.Query().Get(key)
				}
				query := r.URL.Query().Get("query")
				if asked := strings.Count(query, `{namespace="default",name="web"}`); asked != 7 || strings.Count(query, "label_replace") != 6 {
					t.Errorf("it asks of the machine %d times: %s", asked, query)
				}
				_, _ = w.Write([]byte(`{}`))
			}))
			defer server.Close()
			if _, err := Of(t.Context(), server.URL+"/", Machine{web, tc.since}, now); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: %s", tc.reason, diff)
			}
		})
	}
}
