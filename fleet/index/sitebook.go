package index

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// siteBook is the sites in memory. The file has them too, for the time after a restart.
type siteBook struct {
	lock    sync.RWMutex
	entries map[string]Site
	// order are their ids, by name: every page has them, and they hardly ever change.
	order []string
}

// all are the sites, by name.
func (b *siteBook) all() []Site {
	b.lock.RLock()
	defer b.lock.RUnlock()
	all := make([]Site, 0, len(b.order))
	for _, id := range b.order {
		all = append(all, b.entries[id])
	}
	return all
}

func (b *siteBook) site(id string) (Site, bool) {
	b.lock.RLock()
	defer b.lock.RUnlock()
	site, ok := b.entries[id]
	return site, ok
}

// put writes down what is known of a site.
func (b *siteBook) put(site Site) {
	b.lock.Lock()
	defer b.lock.Unlock()
	before, known := b.entries[site.ID]
	b.entries[site.ID] = site
	if !known || before.Name != site.Name {
		b.sort()
	}
}

func (b *siteBook) remove(id string) {
	b.lock.Lock()
	defer b.lock.Unlock()
	delete(b.entries, id)
	b.sort()
}

// clear forgets all sites.
func (b *siteBook) clear() {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.entries, b.order = map[string]Site{}, nil
}

func (b *siteBook) sort() {
	b.order = slices.SortedFunc(maps.Keys(b.entries), func(one, other string) int {
		if order := strings.Compare(strings.ToLower(b.entries[one].Name), strings.ToLower(b.entries[other].Name)); order != 0 {
			return order
		}
		return strings.Compare(one, other)
	})
}
