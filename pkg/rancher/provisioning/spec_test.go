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

// TestGuest holds what is told of a guest cluster by its spec, and that of an imported one nothing is.
func TestGuest(t *testing.T) {
	cases := map[string]struct {
		reason, spec string
		want         Guest
	}{
		"RKE2":     {"the driver is that of the machine config's kind", `{"kubernetesVersion":"v1.35.1+rke2r1","rkeConfig":{"machinePools":[{"machineConfigRef":{"kind":"CroftConfig"}}]}}`, Guest{"rke2", "croft"}},
		"K3s":      {"the version names the distribution", `{"kubernetesVersion":"v1.35.1+k3s1","rkeConfig":{"machinePools":[{"machineConfigRef":{"kind":"HarvesterConfig"}}]}}`, Guest{"k3s", "harvester"}},
		"Custom":   {"whose nodes register by themselves has no driver", `{"kubernetesVersion":"v1.35.1+rke2r1","rkeConfig":{}}`, Guest{Provider: "rke2"}},
		"Foreign":  {"a pool of another Cluster API provider has no config", `{"rkeConfig":{"machinePools":[{"machineConfigRef":{"kind":"AWSMachineTemplate"}}]}}`, Guest{Provider: "rke2"}},
		"Imported": {"it has no such config", `{}`, Guest{}},
		"Nothing":  {"nothing was asked for", ``, Guest{}},
		"Odd":      {"the spec is kept as it was written, whatever it is", `{"rkeConfig":{"machinePools":"three"}}`, Guest{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := (ClusterSpec{Raw: []byte(tc.spec)}).Guest(); got != tc.want {
				t.Errorf("%s: %+v, want %+v", tc.reason, got, tc.want)
			}
		})
	}
}
