package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDescribed(t *testing.T) {
	files, err := described(filepath.Join(here(), ".."))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		got, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is out of date, run make generate (-want +got)\n%s", path, diff)
		}
	}
}

func TestActionsAreComplete(t *testing.T) {
	for _, c := range capabilities {
		for _, resource := range c.Resources {
			for _, action := range resource.Actions {
				if action.Permission.Verb == "" || action.Summary == "" {
					t.Errorf("the action %s of %s needs a permission and a sentence", action.Name, resource.Kind.Kind)
				}
			}
		}
	}
}
