package site

import (
	"context"
	"net/url"
	"sync"
	"sync/atomic"

	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
)

// Fleet is the sites that are being followed.
type Fleet struct {
	// Rancher is how Rancher is reached; the sites are behind it.
	Rancher *rest.Config
	// Types are what is followed at each site.
	Types []*index.Type
	// Index is where it is kept.
	Index *index.Index
	// Budget is what each site may cost.
	Budget collect.Budget
	// Metrics may be nil.
	Metrics *collect.Metrics
	// Conditions may be nil.
	Conditions *Metrics

	lock    sync.Mutex
	members map[string]*member
	changed func(id string)
	// follows says that another replica writes the Site objects.
	follows atomic.Bool
}

// join follows a site, or takes over its new name if it is followed already. The context is the fleet's, not a call's.
func (f *Fleet) join(ctx context.Context, id, name string) *member {
	f.lock.Lock()
	defer f.lock.Unlock()
	if m, ok := f.members[id]; ok {
		m.rename(name)
		return m
	}
	m := &member{id: id, name: name, index: f.Index, changed: f.changed}
	m.collector = &collect.Collector{
		ID: id, Config: f.behind(id), Types: f.Types, Index: f.Index, Budget: f.Budget, Metrics: f.Metrics,
	}
	if f.members == nil {
		f.members = map[string]*member{}
	}
	f.members[id] = m
	m.start(ctx)
	return m
}

// knows says whether a site is followed, or was and has left something.
func (f *Fleet) knows(id string) bool {
	f.lock.Lock()
	defer f.lock.Unlock()
	_, followed := f.members[id]
	_, left := f.Index.Site(id)
	return followed || left
}

// leave stops following a site and forgets what it had.
func (f *Fleet) leave(ctx context.Context, id string) error {
	f.lock.Lock()
	m, ok := f.members[id]
	delete(f.members, id)
	f.lock.Unlock()
	if ok {
		m.end()
	}
	if _, known := f.Index.Site(id); !ok && !known {
		return nil
	}
	return f.Index.RemoveSite(ctx, id)
}

// Wait ends all members and waits for them.
func (f *Fleet) Wait() {
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, m := range f.members {
		m.end()
	}
}

// behind is how a site's Kubernetes API is reached through Rancher.
func (f *Fleet) behind(id string) *rest.Config {
	config := rest.CopyConfig(f.Rancher)
	config.Host = f.Rancher.Host + "/k8s/clusters/" + url.PathEscape(id)
	return config
}
