package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestMetrics asks what a machine has used at a site without a Prometheus, as users who may read it, and may not.
func TestMetrics(t *testing.T) {
	running(t, "measured")
	const path = machines + "measured"
	for _, user := range []string{viewer, editor} {
		if got := ask(t, user, http.MethodGet, path+"/metrics", ""); got.status != http.StatusServiceUnavailable || !strings.Contains(got.body.Message, "No Prometheus is known") {
			t.Errorf("%s is answered %d %s", user, got.status, got.text)
		}
	}
	badDay{reason: "who may not read it", user: stranger, method: http.MethodGet, path: path + "/metrics", want: keptOut}.require(t)
	if got := ask(t, viewer, http.MethodGet, path, ""); got.body.Links["metrics"] == "" {
		t.Errorf("the machine has links %v", got.body.Links)
	}
}
