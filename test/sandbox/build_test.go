package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

func TestBuilds(t *testing.T) {
	broken := errors.New("does not compile")
	lanes := [][]string{{"kubernetes", "build", "cdi"}, {"page"}}
	cases := map[string]struct {
		reason string
		fails  string
		need   []string
		want   error
	}{
		"All":    {"everything is made", "", []string{"cdi", "page"}, nil},
		"Before": {"what was made before a failure is there", "cdi", []string{"build"}, nil},
		"Failed": {"what failed is told", "build", []string{"build"}, broken},
		"After":  {"what comes after a failure is never made", "build", []string{"cdi"}, broken},
		"Beside": {"a failure stops its own lane alone", "build", []string{"page"}, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBuilds(lanes)
			b.run(t.Context(), lanes, func(_ context.Context, part string) error {
				if part == tc.fails {
					return broken
				}
				return nil
			})
			if err := b.need(t.Context(), tc.need...); !errors.Is(err, tc.want) {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, err)
			}
		})
	}
}

func TestBuildsInOrder(t *testing.T) {
	lanes := [][]string{{"kubernetes", "build", "cdi"}}
	b := newBuilds(lanes)
	var lock sync.Mutex
	var order []string
	b.run(t.Context(), lanes, func(_ context.Context, part string) error {
		lock.Lock()
		defer lock.Unlock()
		order = append(order, part)
		return nil
	})
	if err := b.need(t.Context(), "cdi"); err != nil {
		t.Fatal(err)
	}
	lock.Lock()
	defer lock.Unlock()
	if !slices.Equal(order, lanes[0]) {
		t.Errorf("what is needed first is made first: want %v, got %v", lanes[0], order)
	}
}

func TestNoBuilds(t *testing.T) {
	if err := (builds)(nil).need(t.Context(), "cdi"); err != nil {
		t.Errorf("who starts what is built already waits for nothing, got %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := newBuilds(lanes).need(ended, "cdi"); !errors.Is(err, context.Canceled) {
		t.Errorf("who is stopped does not wait for a build, got %v", err)
	}
}
