package site

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/index"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// TestReasons holds of every condition but that of credentials which reason it has when, and that the README says so.
func TestReasons(t *testing.T) {
	followed := index.Site{Connected: true, Synced: true, Complete: true}
	away := index.Site{Complete: true, Message: "connection refused"}
	cases := map[string]struct {
		reason string
		got    metav1.Condition
		want   string
	}{
		"Reachable":         {"it answers", connected(followed), "Connected True " + fleetv1.ReasonReachable},
		"Unreachable":       {"it does not", connected(away), "Connected False " + fleetv1.ReasonUnreachable},
		"Watching":          {"all is there and followed", synced(followed), "Synced True " + fleetv1.ReasonWatching},
		"Listing":           {"the first list has not ended", synced(index.Site{Connected: true, Message: "being listed"}), "Synced False " + fleetv1.ReasonListing},
		"Interrupted":       {"all was there, and it is not followed now", synced(away), "Synced False " + fleetv1.ReasonInterrupted},
		"Incomplete":        {"it is followed, and some has no row", synced(index.Site{Connected: true, Synced: true, Message: "3 are left out"}), "Synced False " + fleetv1.ReasonIncomplete},
		"Full":              {"the hub's disk stands before all else", synced(index.Site{Connected: true, Complete: true, Full: true, Message: "no room"}), "Synced False " + fleetv1.ReasonHubDiskFull},
		"Healthy":           {"nothing is against it", healthy(followed, nodes{all: 2}, nil), "Healthy True " + fleetv1.ReasonHealthy},
		"NodesNotReady":     {"a node is not ready", healthy(followed, nodes{all: 2, unready: 1, names: []string{"n1"}}, nil), "Healthy False " + fleetv1.ReasonNodesNotReady},
		"ComponentDegraded": {"KubeVirt says so", healthy(followed, nodes{all: 2}, []string{"KubeVirt is degraded."}), "Healthy False " + fleetv1.ReasonComponentDegraded},
		"NoNodes":           {"none is known", healthy(followed, nodes{}, nil), "Healthy Unknown " + fleetv1.ReasonNoNodes},
		"NotFollowed":       {"nobody knows of a site that is away", healthy(away, nodes{all: 2}, nil), "Healthy Unknown " + fleetv1.ReasonNotFollowed},
		"Supported":         {"it is new enough", supported("v1.3.0"), "VersionSupported True " + fleetv1.ReasonSupported},
		"TooOld":            {"it is too old", supported("v1.2.2"), "VersionSupported False " + fleetv1.ReasonTooOld},
		"UnknownVersion":    {"it says none", supported(""), "VersionSupported Unknown " + fleetv1.ReasonUnknownVersion},
		"NotAVersion":       {"or none that can be compared", supported("master-abcdef"), "VersionSupported Unknown " + fleetv1.ReasonUnknownVersion},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join([]string{tc.got.Type, string(tc.got.Status), tc.got.Reason}, " "); got != tc.want || tc.got.Message == "" {
				t.Errorf("%s: got %s with %q, want %s and a sentence", tc.reason, got, tc.got.Message, tc.want)
			}
		})
	}
	documented := documented(t)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		if want := cases[name].want; !slices.Contains(documented, want) {
			t.Errorf("README.md does not say what %s means", want)
		}
	}
	for _, reason := range []string{"False " + fleetv1.ReasonCredentialsValid, "True " + fleetv1.ReasonEndingSoon, "True " + fleetv1.ReasonEnded, "Unknown " + fleetv1.ReasonNoCredentialKnown} {
		if !slices.Contains(documented, fleetv1.ConditionCredentialsExpiring+" "+reason) {
			t.Errorf("README.md does not say what CredentialsExpiring %s means", reason)
		}
	}
}

// documented are the conditions of the table in README.md: type, status and reason.
func documented(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| condition | status and reason |")
	var all []string
	condition := ""
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		if named := strings.TrimSpace(cells[1]); named != "" {
			condition = named
		}
		status, reasons, _ := strings.Cut(strings.TrimSpace(cells[2]), " ")
		for _, reason := range strings.Split(reasons, ", ") {
			all = append(all, strings.Join([]string{condition, status, reason}, " "))
		}
	}
	return all
}
