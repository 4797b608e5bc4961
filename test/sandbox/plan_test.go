package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/test/sandbox/state"
)

func TestPlan(t *testing.T) {
	dir := t.TempDir()
	plan := func(sites int) state.State {
		lock, err := state.Hold(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Release()
		s := &sandbox{Run: &Run{Dir: dir, Sites: sites, Only: []string{"hub", "sites"}}}
		if err := s.plan(lock); err != nil {
			t.Fatal(err)
		}
		return s.state
	}
	first := plan(1)
	seen := map[int]string{}
	for cluster, ports := range first.Ports {
		for name, port := range ports {
			if other := seen[port]; other != "" {
				t.Errorf("%s/%s and %s have port %d", cluster, name, other, port)
			}
			seen[port] = cluster + "/" + name
		}
	}
	if diff := cmp.Diff(first, plan(1)); diff != "" {
		t.Errorf("a second run plans otherwise: -first, +second:\n%s", diff)
	}
	more := plan(2)
	if len(more.Ports["site-2"]) == 0 || more.Octet != first.Octet {
		t.Errorf("a second site got ports %v and moved the first from octet %d to %d", more.Ports["site-2"], first.Octet, more.Octet)
	}
	delete(more.Ports, "site-2")
	if diff := cmp.Diff(first.Ports, more.Ports); diff != "" {
		t.Errorf("a second site moved the first one's ports:\n%s", diff)
	}
}

func TestPreflightSaysAllThatIsMissing(t *testing.T) {
	t.Setenv("CROFT_CACHE", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "croft-site"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	complete := Run{Sites: 2, Nodes: 3, Dir: t.TempDir(), Bin: bin, Extension: bin, Only: []string{"hub", "sites"}}
	cases := map[string]struct {
		reason string
		change func(*Run)
		want   []string
		not    []string
	}{
		"Fresh": {
			reason: "A fresh machine hears everything at once, and what to do.",
			change: func(*Run) {},
			want: []string{
				"kubevirt is not built", "make controlplane", "croft-fleet is not in", "make build",
				"no built dashboard", "make page", "apt-get install qemu-system-x86",
			},
			not: []string{"croft-site"},
		},
		"Simulated": {
			reason: "Who wants no real guests needs no QEMU, but what converts images.",
			change: func(r *Run) { r.Simulate = true },
			want:   []string{"apt-get install qemu-utils"},
			not:    []string{"qemu-system"},
		},
		"Building": {
			reason: "Who builds as he starts needs nothing built.",
			change: func(r *Run) { r.Build = true },
			want:   []string{"apt-get install qemu-system-x86"},
			not:    []string{"kubevirt", "croft-fleet", "dashboard"},
		},
		"SitesOnly": {
			reason: "Who wants no hub needs no page.",
			change: func(r *Run) { r.Only = []string{"sites"} },
			want:   []string{"croft-backend"},
			not:    []string{"croft-fleet", "dashboard"},
		},
		"NoSites": {
			reason: "A sandbox has a site.",
			change: func(r *Run) { r.Sites = 0 },
			want:   []string{"--sites=0"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			run := complete
			tc.change(&run)
			err := run.preflight()
			if err == nil {
				t.Fatalf("%s\npreflight finds nothing missing", tc.reason)
			}
			for _, text := range tc.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%s\nthe error does not say %q:\n%v", tc.reason, text, err)
				}
			}
			for _, text := range tc.not {
				if strings.Contains(err.Error(), text) {
					t.Errorf("%s\nthe error says %q:\n%v", tc.reason, text, err)
				}
			}
		})
	}
}

// TestPlansOfTwo holds two sandboxes that have not started yet apart: neither listens, so a look at what is free says
// nothing.
func TestPlansOfTwo(t *testing.T) {
	seen := map[int]string{}
	for _, name := range []string{"one", "two", "three"} {
		dir := filepath.Join(t.TempDir(), name)
		lock, err := state.Hold(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Release()
		s := &sandbox{Run: &Run{Dir: dir, Sites: 3, Only: []string{"hub", "sites"}}}
		if err := s.plan(lock); err != nil {
			t.Fatal(err)
		}
		for cluster, ports := range s.state.Ports {
			for listener, port := range ports {
				here := name + ": " + cluster + "/" + listener
				if other := seen[port]; other != "" {
					t.Errorf("%s and %s have port %d", here, other, port)
				}
				seen[port] = here
			}
		}
	}
}
