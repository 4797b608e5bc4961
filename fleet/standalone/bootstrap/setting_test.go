package bootstrap

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestTheDashboardCanReadThem holds what the dashboard expects of features and settings, and says nothing of when it has not
// got it: a feature that is locked to no value is off, and the form of a cluster does not open without JSON.
func TestTheDashboardCanReadThem(t *testing.T) {
	for _, feature := range features() {
		if locked := feature.Status.LockedValue; locked == nil || *locked != feature.Status.Default {
			t.Errorf("feature %s: locked to %v, its default is %v", feature.Name, locked, feature.Status.Default)
		}
	}
	read := 0
	for _, setting := range settings(Options{}) {
		if !strings.Contains(setting.Name, "-agent-default-") {
			continue
		}
		read++
		if !json.Valid([]byte(setting.Value)) {
			t.Errorf("setting %s is no JSON: %q", setting.Name, setting.Value)
		}
	}
	if read != 4 {
		t.Errorf("%d settings of agents, want 4", read)
	}
}
