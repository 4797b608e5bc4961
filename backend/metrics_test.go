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
	for user, want := range map[string]struct {
		status int
		says   string
	}{
		viewer:   {http.StatusServiceUnavailable, "No Prometheus is known"},
		editor:   {http.StatusServiceUnavailable, "No Prometheus is known"},
		stranger: {http.StatusNotFound, "no right"},
	} {
		if got := ask(t, user, http.MethodGet, path+"/metrics", ""); got.status != want.status || !strings.Contains(got.body.Message, want.says) {
			t.Errorf("%s is answered %d %s, want %+v", user, got.status, got.text, want)
		}
	}
	if got := ask(t, viewer, http.MethodGet, path, ""); got.body.Links["metrics"] == "" {
		t.Errorf("the machine has links %v", got.body.Links)
	}
}
