package site

import (
	"context"
	"reflect"
	"sync"
	"time"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
)

// member is one site while it is part of the fleet.
type member struct {
	id        string
	collector *collect.Collector
	index     *index.Index
	// changed is called when a person would call it news.
	changed func(id string)
	news    chan struct{}
	stop    context.CancelFunc
	done    sync.WaitGroup

	lock   sync.Mutex
	name   string
	vitals vitals
}

// How often what is known of a site is written down: news at once but not faster than people read, and the time at which
// it was last heard now and then.
const (
	fastest = 200 * time.Millisecond
	slowest = 15 * time.Second
)

// start begins to follow the site.
func (m *member) start(ctx context.Context) {
	ctx, m.stop = context.WithCancel(ctx)
	m.news = make(chan struct{}, 1)
	m.collector.Report = func(collect.Health) { m.nudge() }
	m.done.Go(func() {
		if err := m.collector.Run(ctx); err != nil {
			m.write(ctx, index.Site{ID: m.id, Name: m.shown(), Message: err.Error()})
		}
	})
	m.done.Go(func() { m.note(ctx) })
	m.done.Go(func() { m.follow(ctx) })
}

// end stops following the site and waits until nobody writes for it any more.
func (m *member) end() {
	m.stop()
	m.done.Wait()
}

func (m *member) nudge() {
	select {
	case m.news <- struct{}{}:
	default:
	}
}

// rename takes a new name over.
func (m *member) rename(name string) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if name != m.name {
		m.name = name
		m.nudge()
	}
}

func (m *member) shown() string {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.name == "" {
		return m.id
	}
	return m.name
}

func (m *member) signs() vitals {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.vitals
}

// note writes down how the site is.
func (m *member) note(ctx context.Context) {
	var last index.Site
	var written time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.news:
		}
		site := Freshness(m.id, m.shown(), m.collector.Health())
		before := last
		before.LastHeard = site.LastHeard
		if site == before && time.Since(written) < slowest {
			continue
		}
		if m.write(ctx, site) {
			last, written = site, time.Now()
		}
		if site != before {
			m.changed(m.id)
		}
		pause(ctx, fastest)
	}
}

// write writes the site down. What was heard before the restart is kept until the site is heard again.
func (m *member) write(ctx context.Context, site index.Site) bool {
	if known, ok := m.index.Site(m.id); ok && site.LastHeard.IsZero() {
		site.LastHeard = known.LastHeard
	}
	return m.index.SetSite(ctx, site) == nil
}

// follow reads the site's vitals now and then. It is done here and not in Reconcile, so that a slow site holds up nobody.
func (m *member) follow(ctx context.Context) {
	for ctx.Err() == nil {
		again := vitalsAgain
		if m.collector.Health().Connected {
			before := m.signs()
			after, err := readVitals(ctx, m.collector, before)
			if err == nil {
				again = vitalsRead
			}
			m.lock.Lock()
			m.vitals = after
			m.lock.Unlock()
			if !reflect.DeepEqual(before, after) {
				m.changed(m.id)
			}
		}
		pause(ctx, again)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
