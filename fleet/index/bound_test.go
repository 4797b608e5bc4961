package index_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

func TestShort(t *testing.T) {
	cases := map[string]struct{ reason, text, want string }{
		"Name":   {"a name stays", "web", "web"},
		"Long":   {"what is longer than any name is cut", strings.Repeat("x", 300), strings.Repeat("x", 253)},
		"Letter": {"a letter of several bytes is kept or left out, never cut", strings.Repeat("ü", 200), strings.Repeat("ü", 126)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, index.Short(tc.text)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestAmount(t *testing.T) {
	cases := map[string]struct {
		reason, text string
		want         int64
		fails        bool
	}{
		"Suffix":        {"as people write it", `"2Gi"`, 2 << 30, false},
		"Number":        {"as a number", `7`, 7, false},
		"Exponent":      {"with an exponent", `"2e3"`, 2000, false},
		"Exa":           {"a suffix is no exponent", `"1E"`, 1_000_000_000_000_000_000, false},
		"Exbi":          {"nor is this", `"1Ei"`, 1 << 60, false},
		"ManyDigits":    {"more digits than any machine has bytes", `"` + strings.Repeat("9", 100_000) + `"`, 0, true},
		"TinyExponent":  {"what takes Kubernetes forever", `"1e-2147483647"`, 0, true},
		"LargeExponent": {"and its like", `0E+2147483647`, 0, true},
		"Overflow":      {"an exponent that is no number", `"1e99999999999999999999"`, 0, true},
		"Words":         {"no quantity", `"many"`, 0, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got index.Amount
			err := json.Unmarshal([]byte(tc.text), &got)
			if (err != nil) != tc.fails || err == nil && got.Value() != tc.want {
				t.Errorf("%s: got %d, error %v", tc.reason, got.Value(), err)
			}
		})
	}
}

func TestIPs(t *testing.T) {
	got := index.IPs([]string{"10.0.0.1", "fe80::1", "evil", "fd00::1%" + strings.Repeat("z", 1000), "fd00::1", "", "127.0.0.5"})
	if diff := cmp.Diff([]string{"10.0.0.1", "fd00::1", "127.0.0.5"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
