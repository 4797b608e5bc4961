package kubevirt_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"crofthci.io/croft/pkg/kubevirt"
)

func TestDeviceLabel(t *testing.T) {
	long := "example.org/" + strings.Repeat("A", 60)
	cases := map[string]struct {
		reason         string
		resource, want string
	}{
		"Plain":   {"the name with a dot for the slash", "example.org/GA102GL_A10", "devices.crofthci.io/example.org.GA102GL_A10"},
		"Longest": {"a name that just fits stays whole", "example.org/" + strings.Repeat("A", 51), "devices.crofthci.io/example.org." + strings.Repeat("A", 51)},
		"Long":    {"of a longer one the beginning and a sum", long, "devices.crofthci.io/example.org." + strings.Repeat("A", 42) + "-1b024890"},
		"Longer":  {"which tells those apart that begin alike", long + "B", "devices.crofthci.io/example.org." + strings.Repeat("A", 42) + "-4368638a"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := kubevirt.DeviceLabel(corev1.ResourceName(tc.resource))
			if got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
			if wrong := validation.IsQualifiedName(got); len(wrong) > 0 {
				t.Errorf("%s is no name of a label: %v", got, wrong)
			}
		})
	}
}
