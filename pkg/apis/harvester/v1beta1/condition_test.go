package v1beta1_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

func TestSetCondition(t *testing.T) {
	const before, later = "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"
	now, err := time.Parse(time.RFC3339, later)
	if err != nil {
		t.Fatal(err)
	}
	present := harvesterv1.Condition{
		Type: "Imported", Status: "Unknown", Reason: "Importing", Message: "soon", LastUpdateTime: before, LastTransitionTime: before,
	}
	cases := map[string]struct {
		reason string
		wanted harvesterv1.Condition
		want   []harvesterv1.Condition
	}{
		"Same": {
			reason: "saying the same again is no change, or a controller would never rest",
			wanted: harvesterv1.Condition{Type: "Imported", Status: "Unknown", Reason: "Importing", Message: "soon"},
			want:   []harvesterv1.Condition{present},
		},
		"Words": {
			reason: "other words for the same status are an update and no transition",
			wanted: harvesterv1.Condition{Type: "Imported", Status: "Unknown", Reason: "Importing", Message: "now"},
			want: []harvesterv1.Condition{{
				Type: "Imported", Status: "Unknown", Reason: "Importing", Message: "now", LastUpdateTime: later, LastTransitionTime: before,
			}},
		},
		"Status": {
			reason: "another status is a transition",
			wanted: harvesterv1.Condition{Type: "Imported", Status: "True", Reason: "Imported"},
			want: []harvesterv1.Condition{{
				Type: "Imported", Status: "True", Reason: "Imported", LastUpdateTime: later, LastTransitionTime: later,
			}},
		},
		"New": {
			reason: "a condition that was not there is added",
			wanted: harvesterv1.Condition{Type: "Initialized", Status: "True"},
			want: []harvesterv1.Condition{present, {
				Type: "Initialized", Status: "True", LastUpdateTime: later, LastTransitionTime: later,
			}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := harvesterv1.SetCondition([]harvesterv1.Condition{present}, tc.wanted, now)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestEffective(t *testing.T) {
	cases := map[string]struct {
		reason  string
		setting harvesterv1.Setting
		want    string
	}{
		"Default": {"nobody has set a value", harvesterv1.Setting{Default: "120"}, "120"},
		"Value":   {"a person's word counts", harvesterv1.Setting{Default: "120", Value: "30"}, "30"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.setting.Effective(); got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}
