package site

import (
	"fmt"
	"maps"
	"slices"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
)

// Freshness says, of how a collector finds its site, what every list says of it.
func Freshness(id, name string, health collect.Health) index.Site {
	site := index.Site{ID: id, Name: name, Connected: health.Connected, LastHeard: health.LastHeard, Synced: health.Connected, Complete: len(health.Sources) > 0}
	leftOut, first := 0, true
	for _, source := range slices.Sorted(maps.Keys(health.Sources)) {
		h := health.Sources[source]
		if first || h.Epoch < site.Epoch {
			site.Epoch, first = h.Epoch, false
		}
		site.Synced = site.Synced && h.Listed && h.Live && !h.Full
		site.Full = site.Full || h.Full
		site.Complete = site.Complete && h.Listed && h.LeftOut == 0
		leftOut += h.LeftOut
		if site.Message == "" && h.Problem != "" {
			site.Message = fmt.Sprintf("%s: %s", source, h.Problem)
		}
	}
	switch {
	case site.Full:
		site.Message = index.ErrFull.Error() + "; make room, and they go on."
	case !health.Connected && health.Problem != "":
		site.Message = health.Problem
	case !health.Connected:
		site.Message = "The site has not answered yet."
	case site.Message == "" && !site.Synced:
		site.Message = "The site is being listed."
	case site.Message == "" && leftOut > 0:
		site.Message = fmt.Sprintf("%d objects are left out, because they cannot be read or are beyond the site's budget.", leftOut)
	}
	return site
}
