package registration

import (
	"errors"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/pkg/rancher/management"
)

func TestAgain(t *testing.T) {
	began := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	trouble := view{connected: true, trouble: errors.New("no answer")}

	cases := map[string]struct {
		reason string
		view   view
		after  time.Duration
		want   time.Duration
	}{
		"Away":  {"a tunnel that comes calls by itself", view{}, 0, 0},
		"Well":  {"a cluster that answers", view{connected: true}, time.Hour, probeEvery},
		"New":   {"a cluster that just came may need a moment", trouble, 0, time.Second},
		"While": {"the longer it lasts, the later", trouble, 20 * time.Second, 10 * time.Second},
		"Long":  {"but it is not forgotten", trouble, 24 * time.Hour, probeLater},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			status := &management.ClusterStatus{}
			tc.view.write(status, began)

			now := began.Add(tc.after)
			tc.view.write(status, now)

			if got := tc.view.again(status.Conditions, now).RequeueAfter; got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}

func TestShort(t *testing.T) {
	if got := short("v1.36.3"); got != "v1.36.3" {
		t.Errorf("what is short stays, got %s", got)
	}

	if got := short(strings.Repeat("ü", 10_000)); len([]rune(got)) != mostText+1 {
		t.Errorf("a cluster must not fill the hub's objects, got %d runes", len([]rune(got)))
	}
}
