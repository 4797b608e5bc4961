package steve

import (
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestOnce(t *testing.T) {
	made := 0
	count := func() (any, error) { made++; return made, nil }
	kept := newOnce()
	cases := []struct {
		reason       string
		uid, version string
		want         int
	}{
		{"the first time", "a", "1", 1},
		{"the same version again", "a", "1", 1},
		{"another object", "b", "1", 2},
		{"the object has changed", "a", "2", 3},
		{"and stays so", "a", "2", 3},
		{"without a version nothing is kept", "a", "", 4},
		{"without a version nothing is kept, again", "a", "", 5},
		{"nor without an identity", "", "2", 6},
	}
	for _, tc := range cases {
		object := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"uid": tc.uid, "resourceVersion": tc.version}}}
		if got, err := kept.make(object, count); err != nil || got != tc.want {
			t.Errorf("%s: %v, want %d (%v)", tc.reason, got, tc.want, err)
		}
	}
}

func TestOnceForgetsFailures(t *testing.T) {
	object := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"uid": "a", "resourceVersion": "1"}}}
	kept := newOnce()
	if _, err := kept.make(object, func() (any, error) { return nil, errors.New("no") }); err == nil {
		t.Error("a failure is told")
	}
	if got, err := kept.make(object, func() (any, error) { return "made", nil }); got != "made" || err != nil {
		t.Errorf("and tried again: %v %v", got, err)
	}
}
