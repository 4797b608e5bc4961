package resilience

import (
	"slices"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// said is what a page says of what went wrong.
type said struct {
	Said         string
	Made, Marked bool
}

// words opens a page on which something goes wrong at the first site.
func words(t *testing.T, s *stage.Stage, id, namespace, name, act string) *stage.Window {
	t.Helper()
	return s.Open(t, map[string]string{
		"CROFT_SITE_ID": id, "CROFT_NAMESPACE": namespace, "CROFT_NAME": name, "CROFT_KEY": stage.NewKey(t).Public,
	}, "trouble.mjs", act)
}

// check wants the page to say one of some words.
func check(t *testing.T, page *stage.Window, want ...string) said {
	t.Helper()
	var seen said
	page.Sees(t, &seen)
	if !slices.ContainsFunc(want, func(words string) bool { return strings.Contains(seen.Said, words) }) {
		t.Errorf("the page says %q, and nothing of %q", seen.Said, want)
	}
	return seen
}

// TestANamespaceThatIsFull asks on the page for more than a namespace may have: 403, in the words of the API server.
func TestANamespaceThatIsFull(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const namespace = "full-share"
	s.Kubectl(t, "site-1", "", "create", "namespace", namespace)
	s.Kubectl(t, "site-1", "", "-n", namespace, "create", "quota", "little", "--hard=requests.storage=64Mi")
	page := words(t, s, id, namespace, "too-large", "quota")
	check(t, page, "exceeded quota")
	page.GoOn(t)
}

// TestTwoTabs changes a document in two tabs: 409 in the slower one, and the first one's text stays.
func TestTwoTabs(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name = "in-two-tabs"
	s.Kubectl(t, "site-1", `{"apiVersion": "v1", "kind": "ConfigMap", "data": {"cloudInit": "#cloud-config"}, "metadata": {
		"namespace": "default", "name": "`+name+`", "labels": {"harvesterhci.io/cloud-init-template": "user"}}}`, "create", "-f", "-")
	page := words(t, s, id, "default", name, "conflict")
	check(t, page, "modified")
	page.GoOn(t)
	if kept := s.Kubectl(t, "site-1", "", "get", "configmap", name, "-o", "jsonpath={.data.cloudInit}"); !strings.Contains(kept, "second") {
		t.Errorf("the document is %q", kept)
	}
	s.Kubectl(t, "site-1", "", "delete", "configmap", name)
}

// TestWebhooksThatDoNotAnswer asks for a machine while the site's webhooks hang: 500, said as what it is; and when they answer
// again, the same form is taken.
func TestWebhooksThatDoNotAnswer(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name = "made-at-last"
	page := words(t, s, id, "default", name, "failing")
	page.Sees(t, &said{})
	thaw := s.Freeze(t, "site-1/croft-manage")
	page.GoOn(t)
	check(t, page, "webhook")
	thaw()
	page.GoOn(t)
	if seen := check(t, page, ""); !seen.Made {
		t.Error("the machine was not made")
	}
	page.GoOn(t)
	s.Remove(t, id, "default", name)
}

// TestAnAPIServerThatStops asks for a key of a site whose API server hangs: the page says so before long.
func TestAnAPIServerThatStops(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	page := words(t, s, id, "default", "never-made", "silent")
	page.Sees(t, &said{})
	thaw := s.Freeze(t, "site-1/kube-apiserver")
	page.GoOn(t)
	check(t, page, "no answer", "is away") // whoever is faster: the page, or the hub
	thaw()
	page.GoOn(t)
	stage.Eventually(t, "the site goes on", 2*time.Minute, func() error {
		_, _, err := s.Admin.Try("GET", stage.OfSite(id, "harvesterhci.io.keypairs"), nil)
		return err
	})
	s.Site(t, "site-1")
	s.Kubectl(t, "site-1", "", "delete", "keypairs.harvesterhci.io", "never-made", "--ignore-not-found")
}

// TestALineThatIsCut ends what a console goes through: the page says that it is not connected, and is again by itself.
func TestALineThatIsCut(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name = "cut-off"
	s.Admin.MakeMachine(t, id, stage.Diskless("default", name))
	t.Cleanup(func() { s.Remove(t, id, "default", name) })
	s.WaitState(t, id, "default", name, "Running", 2*time.Minute)
	page := words(t, s, id, "default", name, "line")
	page.Sees(t, &said{})
	s.Kill(t, "site-1/virt-api")
	page.GoOn(t)
	if seen := check(t, page, "Not connected"); !seen.Marked {
		t.Error("the page was loaded again")
	}
	page.GoOn(t)
}
