package bulkoperation

import (
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// next are the places of the items of the next wave: the first that are still to be done, in their order.
func next(items []fleetv1.BulkItem, size int) []int {
	wave := make([]int, 0, size)
	for place, item := range items {
		if len(wave) == size {
			break
		}
		if item.State == fleetv1.BulkItemPending {
			wave = append(wave, place)
		}
	}
	return wave
}

// unsettled are the places of the items of which nobody has heard what became of them.
func unsettled(items []fleetv1.BulkItem) []int {
	var places []int
	for place, item := range items {
		if item.State == fleetv1.BulkItemSent {
			places = append(places, place)
		}
	}
	return places
}

// unchecked are the places of the items whose site has not been asked beforehand, as many as may be asked in one go.
func unchecked(items []fleetv1.BulkItem, most int) []int {
	places := make([]int, 0, most)
	for place, item := range items {
		if len(places) == most {
			break
		}
		if item.Check == "" && item.State == fleetv1.BulkItemPending {
			places = append(places, place)
		}
	}
	return places
}

// count counts the items by state.
func count(items []fleetv1.BulkItem) fleetv1.BulkCounts {
	counts := fleetv1.BulkCounts{Total: int32(len(items))} //nolint:gosec // 1,000 at most
	for _, item := range items {
		if item.Check == fleetv1.BulkCheckAllowed {
			counts.Allowed++
		}
		switch item.State {
		case fleetv1.BulkItemPending:
			counts.Pending++
		case fleetv1.BulkItemSent:
			counts.Sent++
		case fleetv1.BulkItemSucceeded:
			counts.Succeeded++
		case fleetv1.BulkItemSkipped:
			counts.Skipped++
		case fleetv1.BulkItemFailed:
			counts.Failed++
		case fleetv1.BulkItemUnknown:
			counts.Unknown++
		}
	}
	return counts
}

// allowance is how many of so many items may fail. A percentage is rounded down, and what cannot be read allows none.
func allowance(most *intstr.IntOrString, total int32) int32 {
	if most == nil {
		return 0
	}
	if most.Type == intstr.Int {
		return max(most.IntVal, 0)
	}
	percent, err := strconv.ParseInt(strings.TrimSuffix(most.StrVal, "%"), 10, 32)
	if err != nil || percent < 0 || percent > 100 || !strings.HasSuffix(most.StrVal, "%") {
		return 0
	}
	return int32(int64(total) * percent / 100) //nolint:gosec // no more than total
}

// step is what is to be done next.
type step int

const (
	// stepEnd says that every item has its end.
	stepEnd step = iota
	// stepWave begins the next wave.
	stepWave
	// stepWait waits to hear of items that are under way.
	stepWait
	// stepHold waits for a person.
	stepHold
	// stepExceed says that more have failed than may.
	stepExceed
	// stepCancel says that it was ended by a person.
	stepCancel
)

// decide says what is to be done next. Items of which nothing was heard yet may come out either way: they hold up a wave
// when it would be one failure too many, but nothing ends because of them.
func decide(mode fleetv1.BulkMode, counts fleetv1.BulkCounts, allowed int32) step {
	failed := counts.Failed + counts.Unknown
	switch {
	case mode == fleetv1.BulkCancel && counts.Sent > 0:
		return stepWait
	case mode == fleetv1.BulkCancel:
		return stepCancel
	case counts.Pending == 0 && counts.Sent == 0:
		return stepEnd
	case mode != fleetv1.BulkRun && counts.Sent == 0:
		return stepHold
	case failed > allowed && counts.Sent == 0 && counts.Pending > 0:
		return stepExceed
	case mode != fleetv1.BulkRun, counts.Pending == 0, failed+counts.Sent > allowed:
		return stepWait
	default:
		return stepWave
	}
}

// ended says whether an operation has its end.
func ended(phase fleetv1.BulkPhase) bool {
	return phase == fleetv1.BulkCompleted || phase == fleetv1.BulkFailed || phase == fleetv1.BulkCancelled
}

// How long it is waited to hear what became of an action that was sent: longer than the request itself may take, so that
// it can only have ended; and longer still where the site does not answer at all.
const (
	patience = 90 * time.Second
	longest  = 5 * time.Minute
)

// skew is how far the clocks of two hubs may be apart.
const skew = time.Minute

// waited is how long ago an item was sent. One that is to be sent only some time from now was so before the clock was set
// back: it counts as sent now, or it would be waited for until the clock is there again.
func waited(item *fleetv1.BulkItem, now time.Time) time.Duration {
	if item.SentTime == nil {
		return 0
	}
	if item.SentTime.After(now.Add(skew)) {
		item.SentTime = &metav1.Time{Time: now}
	}
	return now.Sub(item.SentTime.Time)
}

// verdict is what is concluded of an item that was sent, from a look at its object some time later: its state, which
// stays Sent while it is too early to say, and a sentence.
func verdict(item fleetv1.BulkItem, action string, seen object, failure error, after time.Duration) (fleetv1.BulkItemState, string) {
	heard := ""
	if item.Message != "" {
		heard = " The last that was heard is: " + item.Message
	}
	switch {
	case failure != nil && unreachable(failure) && after < longest, failure == nil && stillOffered(item, action, seen) && after < patience:
		return fleetv1.BulkItemSent, item.Message
	case failure != nil && unreachable(failure):
		return fleetv1.BulkItemUnknown, "The action was sent, and the site has not answered since. Look at the object before you do it again." + heard
	case failure != nil:
		return fleetv1.BulkItemUnknown, "The action was sent and its answer not heard, and now the site says: " + failure.Error()
	case seen.uid() != item.UID:
		return fleetv1.BulkItemUnknown, "The action was sent and its answer not heard, and the object has been replaced since by another of its name."
	case !stillOffered(item, action, seen):
		return fleetv1.BulkItemSucceeded, "The answer was not heard, but the object has changed since and the site no longer offers " + action + ", so it was done."
	default:
		return fleetv1.BulkItemUnknown, "The action was sent and its answer not heard, and the object does not show whether it was done. It is not done again." + heard
	}
}

// stillOffered says whether an object shows no sign of the action: it is the one that it was, and either it has not changed
// or the site offers the action still.
func stillOffered(item fleetv1.BulkItem, action string, seen object) bool {
	return seen.uid() == item.UID && (seen.version() == item.ResourceVersion || seen.offers(action))
}
