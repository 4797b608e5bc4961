package kubevirt_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	exportv1 "kubevirt.io/api/export/v1beta1"

	"crofthci.io/croft/pkg/kubevirt"
)

func TestOfferOf(t *testing.T) {
	export := kubevirt.ExportOf("default", "disk", "claim", metav1.Duration{})
	used := export.DeepCopy()
	used.Status = &exportv1.VirtualMachineExportStatus{Phase: exportv1.Pending, Conditions: []exportv1.Condition{
		{Type: exportv1.ConditionReady, Message: "PersistentVolumeClaim default/claim is in use"},
	}}
	cases := map[string]struct {
		reason string
		export *kubevirt.Export
		want   kubevirt.Offer
		waits  string
	}{
		"New":   {"an export that nobody has seen is waited for", export, kubevirt.Offer{}, "KubeVirt is preparing its export"},
		"InUse": {"KubeVirt's own words are kept", used, kubevirt.Offer{}, "PersistentVolumeClaim default/claim is in use"},
		"Ready": {"one that is ready says how it is had", kubevirt.Offered(export, "virt-export-disk", "token", "PEM"), kubevirt.Offer{
			Service: "virt-export-disk", Authorities: []byte("PEM"), Secret: "token",
			Pods: map[string]string{"kubevirt.io.virt-export-service": "disk"},
		}, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, waits := kubevirt.OfferOf(tc.export)
			if diff := cmp.Diff(tc.want, got); diff != "" || waits != tc.waits {
				t.Errorf("%s: waits %q, -want +got:\n%s", tc.reason, waits, diff)
			}
		})
	}
}
