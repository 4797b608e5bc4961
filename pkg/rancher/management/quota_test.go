package management_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"crofthci.io/croft/pkg/rancher/management"
)

func TestParseQuota(t *testing.T) {
	cases := map[string]struct {
		reason     string
		annotation string
		want       corev1.ResourceList
		wrong      bool
	}{
		"None":    {"a namespace of no project has none", "", nil, false},
		"Some":    {"Rancher's words are its own", `{"limit":{"limitsCpu":"4000m","limitsMemory":"8Gi","pods":"10"}}`, corev1.ResourceList{corev1.ResourceLimitsCPU: resource.MustParse("4"), corev1.ResourceLimitsMemory: resource.MustParse("8Gi"), corev1.ResourcePods: resource.MustParse("10")}, false},
		"Empty":   {"what is empty limits nothing", `{"limit":{"limitsCpu":""}}`, corev1.ResourceList{}, false},
		"Unknown": {"nor does what nobody here knows", `{"limit":{"limitsLuck":"1","extended":{"gpu":"1"}}}`, corev1.ResourceList{}, false},
		"Wrong":   {"a limit is a quantity", `{"limit":{"limitsCpu":"many"}}`, nil, true},
		"Broken":  {"a text is no quota", `much`, nil, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := management.ParseQuota(tc.annotation)
			if diff := cmp.Diff(tc.want, got); diff != "" || (err != nil) != tc.wrong {
				t.Errorf("%s: %v, -want +got:\n%s", tc.reason, err, diff)
			}
		})
	}
}
