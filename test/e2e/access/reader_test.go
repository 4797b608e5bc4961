package access

import (
	"net/http"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestAReader looks at a namespace's machine on the page as a user who may only
// read: its entries are there and disabled with the reason, and its console says
// in words that he may not open it.
func TestAReader(t *testing.T) {
	const reader, name = "reader", "readable"
	s := stage.Open(t)
	site := s.Site(t, "site-1")
	user := member(t, s, site, reader, "read-only")
	s.Admin.MakeMachine(t, site, stage.Diskless(reader, name))
	s.WaitState(t, site, reader, name, "Running", 2*time.Minute)
	m := machine{site, reader, name}
	listed(t, user, m)
	readable(t, user, stage.MachinePath(site, reader, name))
	if code, err := user.Knock(subresource(m, "virtualmachineinstances/console"), "plain.kubevirt.io"); err != nil || code != http.StatusForbidden {
		t.Errorf("the console answers %d, %v", code, err)
	}

	var page struct {
		Entries []struct {
			Entry, Reason string
			Enabled       bool
		}
		Said string
	}
	s.Browse(t, &page, map[string]string{
		"CROFT_USER": reader, "CROFT_PASSWORD": password, "CROFT_SITE": site, "CROFT_NAMESPACE": reader, "CROFT_NAME": name,
	}, "console.mjs", "forbidden")
	if len(page.Entries) == 0 {
		t.Error("the menu has no entries")
	}
	for _, e := range page.Entries {
		if e.Enabled || e.Reason == "" {
			t.Errorf("%s: enabled %v, reason %q", e.Entry, e.Enabled, e.Reason)
		}
	}
	if page.Said != "You have no right to open this console." {
		t.Errorf("the console says %q", page.Said)
	}
}
