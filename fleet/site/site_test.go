package site

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/rancher/management"
)

func TestFreshness(t *testing.T) {
	good := collect.SourceHealth{Listed: true, Live: true}
	cases := map[string]struct {
		reason string
		health collect.Health
		want   index.Site
	}{
		"New":         {"before the first pulse nothing is known", collect.Health{}, index.Site{Message: "The site has not answered yet."}},
		"Good":        {"all is watched", collect.Health{Connected: true, Sources: map[string]collect.SourceHealth{"vms": good}}, index.Site{Connected: true, Synced: true, Complete: true}},
		"Listing":     {"a source has not been listed", collect.Health{Connected: true, Sources: map[string]collect.SourceHealth{"vms": good, "vmis": {}}}, index.Site{Connected: true, Message: "The site is being listed."}},
		"Interrupted": {"all rows are there, but one source is not followed", collect.Health{Connected: true, Sources: map[string]collect.SourceHealth{"vms": good, "vmis": {Listed: true, Problem: "it broke"}}}, index.Site{Connected: true, Complete: true, Message: "vmis: it broke"}},
		"Rebuilt":     {"it is about the oldest file that a source was listed into", collect.Health{Connected: true, Sources: map[string]collect.SourceHealth{"a": {Listed: true, Live: true, Epoch: 2}, "b": {Listed: true, Live: true, Epoch: 1}}}, index.Site{Connected: true, Synced: true, Complete: true, Epoch: 1}},
		"LeftOut":     {"what is there is followed, but not all is there", collect.Health{Connected: true, Sources: map[string]collect.SourceHealth{"vms": {Listed: true, Live: true, LeftOut: 3}}}, index.Site{Connected: true, Synced: true, Message: "3 objects are left out, because they cannot be read or are beyond the site's budget."}},
		"Full":        {"what cannot be written is not followed", collect.Health{Connected: true, Sources: map[string]collect.SourceHealth{"vms": {Listed: true, Live: true, Full: true, Problem: "no room"}}}, index.Site{Connected: true, Complete: true, Full: true, Message: "the hub's disk is full or cannot be written, so its rows stay as they were; make room, and they go on."}},
		"Gone":        {"a site that is away is not synced; its rows are complete", collect.Health{Problem: "connection refused", Sources: map[string]collect.SourceHealth{"vms": good}}, index.Site{Complete: true, Message: "connection refused"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.want.ID, tc.want.Name = "c-1", "One"
			if diff := cmp.Diff(tc.want, Freshness("c-1", "One", tc.health)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestSupported(t *testing.T) {
	cases := map[string]struct {
		reason, version string
		want            metav1.ConditionStatus
	}{
		"Old":    {"before 1.3 the API lacks what Croft needs", "v1.2.2", metav1.ConditionFalse},
		"Oldest": {"the oldest that is", "v1.3.0", metav1.ConditionTrue},
		"New":    {"and later", "v1.10.0-rc1", metav1.ConditionTrue},
		"Branch": {"a build of a branch cannot be compared", "master-abcdef", metav1.ConditionUnknown},
		"Unread": {"nothing was read", "", metav1.ConditionUnknown},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := supported(tc.version); got.Status != tc.want || got.Message == "" {
				t.Errorf("%s: got %+v, want %s", tc.reason, got, tc.want)
			}
		})
	}
}

func TestIsSite(t *testing.T) {
	now := metav1.Now()
	labels := map[string]string{management.LabelProvider: management.ProviderHarvester}
	cases := map[string]struct {
		reason  string
		cluster management.Cluster
		want    bool
	}{
		"Status":   {"Rancher has looked at the nodes", management.Cluster{Status: management.ClusterStatus{Provider: "harvester"}}, true},
		"Label":    {"it was imported as one", management.Cluster{ObjectMeta: metav1.ObjectMeta{Labels: labels}}, true},
		"Other":    {"a guest cluster is none", management.Cluster{Status: management.ClusterStatus{Provider: "rke2"}}, false},
		"Deleting": {"one that goes is none any more", management.Cluster{ObjectMeta: metav1.ObjectMeta{Labels: labels, DeletionTimestamp: &now}}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := isSite(&tc.cluster); got != tc.want {
				t.Errorf("%s: got %v", tc.reason, got)
			}
		})
	}
}

func TestSum(t *testing.T) {
	got := Sum(
		[]index.Tally{{Values: []string{"Running"}, Count: 2, Sums: []float64{6, 1 << 30}}, {Values: []string{"Stopped"}, Count: 5, Sums: []float64{50, 1 << 40}}, {Values: []string{"Paused"}, Count: 1, Sums: []float64{1, 1 << 30}}},
		[]index.Tally{{Count: 3, Sums: []float64{11.5, 3 << 30}}})
	want := []string{"8", "2", "3", "7", "11500m", "2Gi", "3Gi"}
	have := []string{
		itoa(got.Machines), itoa(got.MachinesRunning), itoa(got.Nodes),
		got.CPU.Requested.String(), got.CPU.Capacity.String(), got.Memory.Requested.String(), got.Memory.Capacity.String(),
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func itoa(n int32) string { return string('0' + n) }

type reads func() (string, error)

func (r reads) Read(context.Context, string) ([]byte, error) {
	text, err := r()
	return []byte(text), err
}

func TestReadVersion(t *testing.T) {
	cases := map[string]struct {
		reason, text string
		err          error
		want         string
		fails        bool
	}{
		"Value":   {"what was set", `{"value":"v1.9.0","default":"v1.8.0"}`, nil, "v1.9.0", false},
		"Default": {"what it is as long as nobody set it", `{"default":"v1.8.0"}`, nil, "v1.8.0", false},
		"Garbage": {"no JSON", `<html>`, nil, "", true},
		"Long":    {"a version that is none", `{"value":"` + strings.Repeat("v", 300) + `"}`, nil, "", true},
		"Gone":    {"the site did not answer", "", errors.New("gone"), "", true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := readVersion(t.Context(), reads(func() (string, error) { return tc.text, tc.err }))
			if got != tc.want || (err != nil) != tc.fails {
				t.Errorf("%s: got %q, %v", tc.reason, got, err)
			}
		})
	}
}
