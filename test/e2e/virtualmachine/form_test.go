package virtualmachine

import (
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestARefusalOnTheForm sends what only the site can refuse, and looks for the
// refusal beside the input that it belongs to.
func TestARefusalOnTheForm(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name, image = "taken", "fleeting"
	s.Admin.MakeMachine(t, id, stage.Diskless(namespace, name))
	s.WaitState(t, id, namespace, name, "Running", 2*time.Minute)
	s.MakeImage(t, id, image, s.Images+"/"+stage.Tiny, nil)
	s.Imported(t, id, image)

	form := s.Open(t, map[string]string{"CROFT_SITE": "site-1", "CROFT_IMAGE": image, "CROFT_TAKEN": name}, "form.mjs")
	var refusal struct {
		Said, URL string
		Described bool
	}
	form.Sees(t, &refusal)
	if !strings.Contains(refusal.Said, "There is a machine of this name") || !refusal.Described || !strings.HasSuffix(refusal.URL, "/create") {
		t.Errorf("a name that is taken: %+v", refusal)
	}
	s.Delete(t, stage.OfSite(id, "harvesterhci.io.virtualmachineimages/"+namespace+"/"+image))
	s.Kubectl(t, first, "", "wait", "--for=delete", "vmimage/"+image, "-n", namespace, "--timeout=3m")
	form.GoOn(t)
	form.Sees(t, &refusal)
	if !strings.Contains(refusal.Said, image) || !refusal.Described || !strings.HasSuffix(refusal.URL, "/create") {
		t.Errorf("an image that is gone: %+v", refusal)
	}
	form.GoOn(t)
}
