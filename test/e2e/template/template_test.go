// Package template tests templates in the whole sandbox: those of a new site,
// and one that a machine is made into.
package template

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	site      = "site-1"
	namespace = "default"
	name      = "mold"
	kind      = "harvesterhci.io.virtualmachinetemplates"
	versions  = "harvesterhci.io.virtualmachinetemplateversions"
)

// template is a template as its site shows it.
type template struct {
	Spec   struct{ DefaultVersionID string }
	Status struct{ DefaultVersion, LatestVersion int }
}

func TestNewSite(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	for _, known := range []string{"iso-image-base-template", "raw-image-base-template", "windows-w11-iso-template"} {
		stage.Eventually(t, known+" has a default", time.Minute, func() error {
			return hasDefault(t, s, stage.OfSite(id, kind+"/harvester-public/"+known))
		})
	}
}

// TestMachineIsMade makes a template of a machine, a machine of it on the page, and keeps its default.
func TestMachineIsMade(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	s.WaitState(t, id, namespace, name, "Running", 3*time.Minute)
	s.Do(t, id, namespace, name, "createTemplate", map[string]any{"name": name})
	path := stage.OfSite(id, kind+"/"+namespace+"/"+name)
	stage.Eventually(t, "it has a default", time.Minute, func() error { return hasDefault(t, s, path) })
	var found template
	s.Admin.Must(t, "GET", path, nil, &found)
	answer := s.Admin.Refused(t, http.StatusConflict, "DELETE", stage.OfSite(id, versions+"/"+found.Spec.DefaultVersionID), nil)
	if !strings.Contains(answer, namespace+"/"+name) {
		t.Errorf("the refusal names the template: %s", answer)
	}
	const made = name + "-again"
	_, version, _ := strings.Cut(found.Spec.DefaultVersionID, "/")
	s.Browse(t, &struct{}{}, map[string]string{
		"CROFT_SITE_ID": id, "CROFT_NAME": name, "CROFT_VALUE": version, "CROFT_GOOD": made,
	}, "change.mjs", "template")
	s.WaitState(t, id, namespace, made, "Running", 3*time.Minute)
	s.Remove(t, id, namespace, made)
	s.Delete(t, path)
	stage.Eventually(t, "its versions go with it", time.Minute, func() error {
		code, answer, err := s.Admin.Try("GET", stage.OfSite(id, versions+"/"+found.Spec.DefaultVersionID), nil)
		if err == nil && code != http.StatusNotFound {
			err = fmt.Errorf("%d %s", code, answer)
		}
		return err
	})
	s.Remove(t, id, namespace, name)
}

func hasDefault(t *testing.T, s *stage.Stage, path string) error {
	t.Helper()
	var found template
	s.Admin.Must(t, "GET", path, nil, &found)
	if found.Spec.DefaultVersionID == "" || found.Status.DefaultVersion != 1 {
		return fmt.Errorf("it has %+v", found)
	}
	return nil
}
