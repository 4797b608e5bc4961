package serve

import (
	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/fleet/index"
)

// totalsOf are what a query's rows sum up to, in Steve's shape.
func totalsOf(summaries []index.Summary) types.APISummary {
	var all types.APISummary
	for _, summary := range summaries {
		entry := types.SummaryEntry{Property: summary.Field, Counts: map[string]types.SummaryWithBreakdown{}}
		for value, total := range summary.Totals {
			entry.Counts[value] = types.SummaryWithBreakdown{Total: total.Rows, Namespace: total.Namespaces}
		}
		all.SummaryItems = append(all.SummaryItems, entry)
	}
	return all
}
