package provisioning

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSpec holds that a cluster that is read and written back has lost nothing of its spec.
func TestSpec(t *testing.T) {
	cases := map[string]struct {
		reason, text string
		want         string
	}{
		"Guest":    {"a guest cluster has its pools in it", `{"kubernetesVersion":"v1","rkeConfig":{"machinePools":[{"name":"a","quantity":3}]}}`, `{"kubernetesVersion":"v1","rkeConfig":{"machinePools":[{"name":"a","quantity":3}]}}`},
		"Imported": {"an imported one has none", `{}`, `{}`},
		"Nothing":  {"null is nothing, and no cluster may have it written", `null`, `{}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var cluster Cluster
			if err := json.Unmarshal([]byte(`{"metadata":{"name":"blue"},"spec":`+tc.text+`}`), &cluster); err != nil {
				t.Fatal(err)
			}

			written, err := json.Marshal(cluster.DeepCopy())
			if err != nil {
				t.Fatal(err)
			}

			var back struct{ Spec json.RawMessage }
			if err := json.Unmarshal(written, &back); err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(tc.want, string(back.Spec)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}

	var cluster Cluster
	if json.Unmarshal([]byte(`{"spec":3}`), &cluster) == nil {
		t.Error("a spec that is no object was taken")
	}
}
