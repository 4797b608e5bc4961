package prometheus

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
)

const folder = "../../charts/croft-fleet/monitoring/"

// language is PromQL as Prometheus reads it when nobody sets anything.
var language = parser.NewParser(parser.Options{})

// group is the chart's only group of rules, read as Prometheus reads its files.
func group(t *testing.T) rulefmt.RuleGroup {
	t.Helper()
	groups, problems := rulefmt.ParseFile(folder+"alerts.yaml", false, model.UTF8Validation, language, slog.New(slog.DiscardHandler))
	for _, problem := range problems {
		t.Error(problem)
	}
	if len(problems) > 0 || len(groups.Groups) != 1 {
		t.Fatal("the rules cannot be read as one group")
	}
	return groups.Groups[0]
}

// well is a hub on which nothing is wrong: two sites that answer, and quick lists.
const well = `
	croft_fleet_index_full 0+0x120
	croft_fleet_site_connected{site="c-1"} 1+0x120
	croft_fleet_site_connected{site="c-2"} 1+0x120
	croft_fleet_site_condition{site="c-1",name="one",condition="Connected"} 1+0x120
	croft_fleet_site_condition{site="c-1",name="one",condition="Synced"} 1+0x120
	croft_fleet_site_condition{site="c-1",name="one",condition="Healthy"} 1+0x120
	croft_fleet_site_condition{site="c-1",name="one",condition="VersionSupported"} 1+0x120
	croft_fleet_site_condition{site="c-1",name="one",condition="CredentialsExpiring"} 0+0x120
	croft_fleet_site_condition{site="c-2",name="two",condition="Healthy"} -1+0x120
	croft_fleet_site_condition{site="c-2",name="two",condition="CredentialsExpiring"} -1+0x120
	croft_fleet_site_credential_expiration_timestamp_seconds{site="c-1",name="one",credential="SiteAuthority"} 100000000+0x120
	croft_fleet_site_left_out_total{site="c-1",source="nodes"} 7+0x120
	croft_fleet_subscribers_dropped_total 0+0.1x120
	croft_fleet_bulk_items_waiting{phase="Running"} 200-2x50 0+0x70
	croft_fleet_bulk_items_waiting{phase="Paused"} 7+0x120
	croft_fleet_query_seconds_bucket{type="node",verb="list",le="0.05"} 0+60x120
	croft_fleet_query_seconds_bucket{type="node",verb="list",le="0.5"} 0+60x120
	croft_fleet_query_seconds_bucket{type="node",verb="list",le="+Inf"} 0+60x120
	croft_fleet_site_change_written_seconds_bucket{site="c-1",le="0.1"} 0+60x120
	croft_fleet_site_change_written_seconds_bucket{site="c-1",le="2.5"} 0+60x120
	croft_fleet_site_change_written_seconds_bucket{site="c-1",le="+Inf"} 0+60x120
`

// TestAlerts lets a hub run for two hours, minute by minute, and says who is warned of what, and when at the earliest.
func TestAlerts(t *testing.T) {
	cases := map[string]struct {
		reason string
		// without are series of a hub on which nothing is wrong that are not there; with are those instead.
		without, with []string
		// want are the alerts with the site or the type that they are about, and the minute of the first warning.
		want []string
	}{
		"Well": {reason: "nobody is warned of nothing, nor of what is merely not known"},
		"Down": {reason: "the hub has gone", without: []string{"croft_fleet_index_full"}, want: []string{"CroftFleetDown  10"}},
		"Full": {reason: "its disk is full", without: []string{"croft_fleet_index_full"}, with: []string{"croft_fleet_index_full 1+0x120"}, want: []string{"CroftIndexFull  2"}},
		"Unreachable": {
			reason: "a site is gone: one warning is enough, although its rows do not follow it either", without: []string{`condition="Connected"`, `condition="Synced"`, `connected{site="c-1"}`},
			with: []string{`croft_fleet_site_condition{site="c-1",name="one",condition="Connected"} 0+0x120`, `croft_fleet_site_condition{site="c-1",name="one",condition="Synced"} 0+0x120`, `croft_fleet_site_connected{site="c-1"} 0+0x120`},
			want: []string{"CroftSiteUnreachable one 10"},
		},
		"Flapping": {
			reason: "one that is away for five minutes now and then is none", without: []string{`condition="Connected"`},
			with: []string{`croft_fleet_site_condition{site="c-1",name="one",condition="Connected"} 1 1 0 0 0 0 0 1+0x10 0 0 0 0 0 1+0x20`},
		},
		"NotSynced": {reason: "it answers and is not followed", without: []string{`condition="Synced"`}, with: []string{`croft_fleet_site_condition{site="c-1",name="one",condition="Synced"} 0+0x120`}, want: []string{"CroftSiteNotSynced one 15"}},
		"Unhealthy": {reason: "a node is not ready", without: []string{`name="one",condition="Healthy"`}, with: []string{`croft_fleet_site_condition{site="c-1",name="one",condition="Healthy"} 0+0x120`}, want: []string{"CroftSiteUnhealthy one 10"}},
		"TooOld":    {reason: "it must be upgraded", without: []string{`condition="VersionSupported"`}, with: []string{`croft_fleet_site_condition{site="c-1",name="one",condition="VersionSupported"} 0+0x120`}, want: []string{"CroftSiteTooOld one 60"}},
		"Expiring":  {reason: "a certificate ends soon", without: []string{`name="one",condition="CredentialsExpiring"`}, with: []string{`croft_fleet_site_condition{site="c-1",name="one",condition="CredentialsExpiring"} 1+0x120`}, want: []string{"CroftCredentialExpiring one 15"}},
		"Ended":     {reason: "it ends in the middle of the hour", with: []string{`croft_fleet_site_credential_expiration_timestamp_seconds{site="c-1",name="one",credential="HubToken"} 1800+0x120`}, want: []string{"CroftCredentialEnded one 30"}},
		"LeftOut":   {reason: "objects go on being left out; those of long ago are no news", without: []string{"left_out"}, with: []string{`croft_fleet_site_left_out_total{site="c-1",source="nodes"} 7+1x120`}, want: []string{"CroftObjectsLeftOut c-1 31"}},
		"Slow": {
			reason: "one list in twenty takes longer than half a second", without: []string{"query_seconds"},
			with: []string{`croft_fleet_query_seconds_bucket{type="node",verb="list",le="0.5"} 0+57x120`, `croft_fleet_query_seconds_bucket{type="node",verb="list",le="1"} 0+60x120`, `croft_fleet_query_seconds_bucket{type="node",verb="list",le="+Inf"} 0+60x120`},
			want: []string{"CroftQueriesSlow node 16"},
		},
		"Late": {
			reason: "changes wait", without: []string{"change_written"},
			with: []string{`croft_fleet_site_change_written_seconds_bucket{site="c-1",le="2.5"} 0+30x120`, `croft_fleet_site_change_written_seconds_bucket{site="c-1",le="10"} 0+60x120`, `croft_fleet_site_change_written_seconds_bucket{site="c-1",le="+Inf"} 0+60x120`},
			want: []string{"CroftChangesLate c-1 16"},
		},
		"StandsStill": {
			reason: "bulk work runs, and after an hour no item has its end any more; that somebody has paused another is his business", without: []string{`waiting{phase="Running"}`},
			with: []string{`croft_fleet_bulk_items_waiting{phase="Running"} 200-2x20 160+0x100`}, want: []string{"CroftBulkWorkStandsStill  64"},
		},
		"Dropped": {reason: "many pages are too slow", without: []string{"dropped"}, with: []string{"croft_fleet_subscribers_dropped_total 0+3x120"}, want: []string{"CroftSubscribersDropped  7"}},
	}
	warned := map[string]bool{}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var series []string
			for _, line := range strings.Split(strings.TrimSpace(well), "\n") {
				if !slices.ContainsFunc(tc.without, func(part string) bool { return strings.Contains(line, part) }) {
					series = append(series, strings.TrimSpace(line))
				}
			}
			got := watch(t, append(series, tc.with...))
			if strings.Join(got, "; ") != strings.Join(tc.want, "; ") {
				t.Errorf("%s: warned of %q, want %q", tc.reason, got, tc.want)
			}
			for _, alert := range got {
				warned[strings.Fields(alert)[0]] = true
			}
		})
	}
	for _, rule := range group(t).Rules {
		if !warned[rule.Alert] {
			t.Errorf("no case warns of %s", rule.Alert)
		}
	}
}

// watch evaluates all rules over some series, minute by minute, and says which fire, and when first.
func watch(t *testing.T, series []string) []string {
	t.Helper()
	storage := promqltest.LoadedStorage(t, "load 1m\n  "+strings.Join(series, "\n  "))
	query := rules.EngineQueryFunc(promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery), storage)
	first := map[string]int{}
	for _, each := range group(t).Rules {
		expression, err := language.ParseExpr(each.Expr)
		if err != nil {
			t.Fatal(err)
		}
		rule := rules.NewAlertingRule(each.Alert, expression, time.Duration(each.For), 0, labels.FromMap(each.Labels), labels.FromMap(each.Annotations), labels.EmptyLabels(), "", true, slog.New(slog.DiscardHandler))
		for minute := range 90 {
			if _, err := rule.Eval(context.Background(), 0, time.Unix(0, 0).Add(time.Duration(minute)*time.Minute), query, nil, 0); err != nil {
				t.Fatalf("%s: %v", each.Alert, err)
			}
			for _, alert := range rule.ActiveAlerts() {
				note(t, first, each.Alert, alert, minute)
			}
		}
	}
	var fired []string
	for what, minute := range first {
		fired = append(fired, fmt.Sprintf("%s %d", what, minute))
	}
	slices.Sort(fired)
	return fired
}

// note notes an alert that fires, and looks whether its sentences are whole.
func note(t *testing.T, first map[string]int, name string, alert *rules.Alert, minute int) {
	t.Helper()
	if alert.State != rules.StateFiring {
		return
	}
	about := alert.Labels.Get("name")
	if about == "" {
		about = alert.Labels.Get("site") + alert.Labels.Get("type")
	}
	if _, known := first[name+" "+about]; known {
		return
	}
	first[name+" "+about] = minute
	alert.Annotations.Range(func(l labels.Label) {
		if strings.Contains(l.Value, "error expanding") || strings.Contains(l.Value, "{{") || strings.Contains(l.Value, "<no value>") || strings.Contains(l.Value, " ()") {
			t.Errorf("%s: the %s is %q", name, l.Name, l.Value)
		}
	})
}

// TestPanels reads every expression of the dashboard as Prometheus does, with Grafana's variables filled in, and holds that
// each panel says what it shows.
func TestPanels(t *testing.T) {
	text, err := os.ReadFile(folder + "dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		Panels []struct {
			Type, Title, Description string
			Targets                  []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &page); err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer("$__rate_interval", "5m", "$site", ".*")
	for _, panel := range page.Panels {
		if panel.Type == "row" {
			continue
		}
		if panel.Title == "" || panel.Description == "" || len(panel.Targets) == 0 {
			t.Errorf("the panel %q says not what it shows, or shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			if _, err := language.ParseExpr(filled.Replace(target.Expr)); err != nil {
				t.Errorf("%s: %v", panel.Title, err)
			}
		}
	}
}
