package bulkoperation

import (
	"fmt"
	"strings"
	"unicode/utf8"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// longestSentence is the most characters of a site's sentence that are kept of an item.
const longestSentence = 300

// short cuts a sentence where it gets too long. What is no text is left out.
func short(sentence string) string {
	sentence = strings.TrimSpace(strings.ToValidUTF8(sentence, ""))
	if utf8.RuneCountInString(sentence) <= longestSentence {
		return sentence
	}
	return string([]rune(sentence)[:longestSentence]) + "…"
}

func checkedSentence(c fleetv1.BulkCounts) string {
	return fmt.Sprintf("The sites would do it to %d of %d objects. Nothing was done: set spec.mode to Run to do it.", c.Allowed, c.Total)
}

func waveSentence(c fleetv1.BulkCounts) string {
	return fmt.Sprintf("%d of %d items have their end, %d are under way.", c.Total-c.Pending-c.Sent, c.Total, c.Sent)
}

func waitSentence(c fleetv1.BulkCounts) string {
	if c.Sent == 0 {
		return waveSentence(c)
	}
	return fmt.Sprintf("It is looked what became of %d items whose answers were not heard.", c.Sent)
}

func excessSentence(c fleetv1.BulkCounts, allowed int32) string {
	return fmt.Sprintf("%d items failed or are unknown, and spec.failures.max allows %d; %d are still to be done.", c.Failed+c.Unknown, allowed, c.Pending)
}

func cancelledSentence(c fleetv1.BulkCounts) string {
	return fmt.Sprintf("Somebody has cancelled it; %d of %d items were not begun.", c.Pending, c.Total)
}

func endSentence(c fleetv1.BulkCounts) string {
	return fmt.Sprintf("Of %d items, %d succeeded, %d were skipped, %d failed and %d are unknown.", c.Total, c.Succeeded, c.Skipped, c.Failed, c.Unknown)
}
