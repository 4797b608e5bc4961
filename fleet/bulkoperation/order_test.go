package bulkoperation

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// items are items of these states, a letter each: p, s, +, k (skipped), f and ? (unknown).
func items(states string) []fleetv1.BulkItem {
	all := []fleetv1.BulkItem{}
	for place, letter := range states {
		state := map[rune]fleetv1.BulkItemState{
			'p': fleetv1.BulkItemPending, 's': fleetv1.BulkItemSent, '+': fleetv1.BulkItemSucceeded,
			'k': fleetv1.BulkItemSkipped, 'f': fleetv1.BulkItemFailed, '?': fleetv1.BulkItemUnknown,
		}[letter]
		all = append(all, fleetv1.BulkItem{ID: fmt.Sprintf("c/n/%d", place), State: state})
	}
	return all
}

func TestNext(t *testing.T) {
	cases := map[string]struct {
		reason, states string
		size           int
		want           []int
	}{
		"First":  {"the first ones come first", "pppp", 2, []int{0, 1}},
		"Later":  {"what has its end is not done again, whichever end", "+kf?pp", 3, []int{4, 5}},
		"Sent":   {"what is under way is not begun again", "sp", 2, []int{1}},
		"Gaps":   {"what waited for its site is done when it is there", "p+p+p", 2, []int{0, 2}},
		"Nobody": {"nothing is left", "+s", 2, []int{}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, next(items(tc.states), tc.size)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestAllowance(t *testing.T) {
	number, text := intstr.FromInt32, intstr.FromString
	cases := map[string]struct {
		reason string
		most   *intstr.IntOrString
		total  int32
		want   int32
	}{
		"None":     {"nothing said is none", nil, 10, 0},
		"Number":   {"a number is itself", new(number(3)), 10, 3},
		"Percent":  {"of all", new(text("10%")), 50, 5},
		"Down":     {"rounded down: one of nine is more than 10 %", new(text("10%")), 9, 0},
		"All":      {"everything may fail", new(text("100%")), 7, 7},
		"Garbage":  {"what cannot be read allows nothing", new(text("many")), 7, 0},
		"NoSign":   {"nor a number as text", new(text("5")), 7, 0},
		"Negative": {"nor less than nothing", new(number(-1)), 7, 0},
		"Beyond":   {"nor more than all", new(text("200%")), 7, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := allowance(tc.most, tc.total); got != tc.want {
				t.Errorf("%s: got %d, want %d", tc.reason, got, tc.want)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	run, pausing, cancel := fleetv1.BulkRun, fleetv1.BulkPause, fleetv1.BulkCancel
	cases := map[string]struct {
		reason, states string
		mode           fleetv1.BulkMode
		allowed        int32
		want           step
	}{
		"Begin":      {"there is something to do", "ppp", run, 0, stepWave},
		"On":         {"what was skipped is no failure", "+kp", run, 0, stepWave},
		"Allowed":    {"as many failed as may", "f?p", run, 2, stepWave},
		"Exceeded":   {"one more than may", "f?p", run, 1, stepExceed},
		"Tentative":  {"one whose answer was not heard may have failed, so nothing new begins", "sp", run, 0, stepWait},
		"Bearable":   {"if it has, it is one that may", "sp", run, 1, stepWave},
		"FailedSent": {"nothing ends while something is under way", "fsp", run, 0, stepWait},
		"Last":       {"the last ones are waited for", "+s", run, 5, stepWait},
		"End":        {"each has its end", "+kf?", run, 0, stepEnd},
		"Empty":      {"nothing to do is done", "", run, 0, stepEnd},
		"Pause":      {"somebody paused it", "+p", pausing, 0, stepHold},
		"PauseSent":  {"what is under way is still looked at", "sp", pausing, 0, stepWait},
		"PauseEnd":   {"nothing is left to pause", "++", pausing, 0, stepEnd},
		"Cancel":     {"somebody ended it", "+p", cancel, 0, stepCancel},
		"CancelSent": {"what is under way has its end first", "sp", cancel, 0, stepWait},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := decide(tc.mode, count(items(tc.states)), tc.allowed); got != tc.want {
				t.Errorf("%s: got %d, want %d", tc.reason, got, tc.want)
			}
		})
	}
}

// shows is an object as its site shows it.
func shows(uid, version string, actions ...string) object {
	var o object
	o.Metadata.UID, o.Metadata.ResourceVersion = uid, version
	o.Actions = map[string]string{}
	for _, action := range actions {
		o.Actions[action] = "…"
	}
	return o
}

func TestVerdict(t *testing.T) {
	gone, away := &siteError{status: 404, message: "it is not there"}, &siteError{status: 503, message: "not connected"}
	cases := map[string]struct {
		reason  string
		seen    object
		failure error
		after   time.Duration
		want    fleetv1.BulkItemState
	}{
		"Done":       {"it changed and cannot be stopped any more", shows("u", "8", "start"), nil, time.Second, fleetv1.BulkItemSucceeded},
		"Early":      {"nothing shows yet, and it may still be on its way", shows("u", "7", "stop"), nil, time.Second, fleetv1.BulkItemSent},
		"Nothing":    {"nothing shows after all; it is not done again", shows("u", "7", "stop"), nil, patience, fleetv1.BulkItemUnknown},
		"Changed":    {"a restart is offered after a restart too", shows("u", "8", "stop"), nil, patience, fleetv1.BulkItemUnknown},
		"Unchanged":  {"what has not changed was not done, whatever is offered", shows("u", "7"), nil, patience, fleetv1.BulkItemUnknown},
		"Replaced":   {"another of the same name says nothing", shows("v", "9", "start"), nil, time.Second, fleetv1.BulkItemUnknown},
		"Gone":       {"what is not there says nothing", object{}, gone, time.Second, fleetv1.BulkItemUnknown},
		"Away":       {"a site that is away is waited for", object{}, away, patience, fleetv1.BulkItemSent},
		"AwayLonger": {"and not for ever", object{}, away, longest, fleetv1.BulkItemUnknown},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			item := fleetv1.BulkItem{State: fleetv1.BulkItemSent, UID: "u", ResourceVersion: "7"}
			got, sentence := verdict(item, "stop", tc.seen, tc.failure, tc.after)
			if got != tc.want || got != fleetv1.BulkItemSent && sentence == "" {
				t.Errorf("%s: got %s %q, want %s", tc.reason, got, sentence, tc.want)
			}
		})
	}
}

// TestClockIsSet sets the clock between the sending of an item and a later look: nothing is waited for longer than it is to
// be, and what another hub has just sent, whose clock is a little ahead, stays as that one wrote it.
func TestClockIsSet(t *testing.T) {
	noon := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	cases := map[string]struct {
		reason string
		now    time.Time
		want   time.Duration
		sent   time.Time
	}{
		"Same":     {"nobody touched the clock", noon.Add(time.Minute), time.Minute, noon},
		"Forwards": {"it is late, and nothing is done again for that", noon.Add(24 * time.Hour), 24 * time.Hour, noon},
		"Back":     {"the clock was a day ahead: it is waited from now", noon.Add(-24 * time.Hour), 0, noon.Add(-24 * time.Hour)},
		"Ahead":    {"the other hub's clock is half a minute ahead", noon.Add(-skew / 2), -skew / 2, noon},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			item := fleetv1.BulkItem{SentTime: &metav1.Time{Time: noon}}
			if got := waited(&item, tc.now); got != tc.want || !item.SentTime.Time.Equal(tc.sent) {
				t.Errorf("%s: %s, sent at %s; want %s, %s", tc.reason, got, item.SentTime, tc.want, tc.sent)
			}
		})
	}
	var never fleetv1.BulkItem
	if got := waited(&never, noon); got != 0 || never.SentTime != nil {
		t.Errorf("what was never sent has waited %s", got)
	}
}

func TestAnswered(t *testing.T) {
	cases := map[string]struct {
		reason string
		err    error
		want   fleetv1.BulkItemState
	}{
		"Done":    {"the site did it", nil, fleetv1.BulkItemSucceeded},
		"Refused": {"the site refused it", &siteError{status: 409, message: "no"}, fleetv1.BulkItemFailed},
		"Broken":  {"the answer broke off: it may have been done", &siteError{message: "EOF"}, fleetv1.BulkItemSent},
		"Inside":  {"so when something broke inside", &siteError{status: 500, message: "oops"}, fleetv1.BulkItemSent},
		"Late":    {"and when it took too long", &siteError{status: 504, message: "late"}, fleetv1.BulkItemSent},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := answered(0, fleetv1.BulkItem{State: fleetv1.BulkItemSent}, tc.err).item.State; got != tc.want {
				t.Errorf("%s: got %s, want %s", tc.reason, got, tc.want)
			}
		})
	}
}

// TestSize holds that the most items with the longest texts still fit into etcd, which takes 1.5 MiB.
func TestSize(t *testing.T) {
	now := someTime()
	op := &fleetv1.BulkOperation{}
	for range fleetv1.MostBulkItems {
		op.Status.Items = append(op.Status.Items, fleetv1.BulkItem{
			ID: strings.Repeat("x", 16) + "/" + strings.Repeat("n", 63) + "/" + strings.Repeat("m", 253), State: fleetv1.BulkItemSucceeded,
			Check: fleetv1.BulkCheckUnreachable, Message: short(strings.Repeat("é", 1000)), UID: strings.Repeat("u", 36),
			ResourceVersion: strings.Repeat("1", 20), SentTime: &now,
		})
	}
	if size := sizeOf(t, op); size > 1_300_000 {
		t.Errorf("an operation can have %d bytes", size)
	}
}
