package index

import (
	"context"
	"sync"
	"sync/atomic"
)

// FreshnessType is the name under which it is told that a site has come, gone, or is fresher or staler than before. The
// key has the site alone.
const FreshnessType = "freshness"

// RightsType is the name under which it is told that somebody's rights may have changed.
const RightsType = "rights"

// RebuiltType is the name under which it is told that the index was begun anew and is empty.
const RebuiltType = "rebuilt"

// Event is one change, told after it has been written.
type Event struct {
	// Type is the name of the row's type, or FreshnessType, RightsType or RebuiltType.
	Type string
	// Key is the row's.
	Key Key
	// Revision is the number of the change.
	Revision int64
	// Created and Removed say what happened; neither means the row has changed.
	Created, Removed bool
	// Document is the row as it is shown, nil if it was removed.
	Document []byte
	// Parts are what the row was joined from, for types without Join alone.
	Parts [][]byte
}

// Subscription is somebody who is told of changes.
type Subscription struct {
	feed *feed
	room int

	lock    sync.Mutex
	waiting []Event
	over    bool
	// news holds a token when something waits or the subscription is over.
	news chan struct{}
}

// Next waits for the next change. It gives none when the context ends, and none any more, after those that wait, when the
// subscriber was too slow, when the index was begun anew and when it closes: what was missed is to be read again.
func (s *Subscription) Next(ctx context.Context) (Event, bool) {
	for {
		event, ok, over := s.first()
		if ok || over {
			return event, ok
		}
		select {
		case <-s.news:
		case <-ctx.Done():
			return Event{}, false
		}
	}
}

// first takes the change that has waited longest. What has been taken is let go of at once.
func (s *Subscription) first() (event Event, ok, over bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if len(s.waiting) == 0 {
		return Event{}, false, s.over
	}
	event, s.waiting[0] = s.waiting[0], Event{}
	if s.waiting = s.waiting[1:]; len(s.waiting) == 0 {
		s.waiting = nil
	}
	return event, true, false
}

// Stop ends the subscription.
func (s *Subscription) Stop() {
	s.feed.lock.Lock()
	delete(s.feed.subscribers, s)
	s.feed.lock.Unlock()
	s.end()
}

func (s *Subscription) end() {
	s.lock.Lock()
	s.over = true
	s.lock.Unlock()
	s.wake()
}

func (s *Subscription) wake() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// offer has changes wait, if there is room for all of them.
func (s *Subscription) offer(events []Event) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	fitting := min(len(events), s.room-len(s.waiting))
	s.waiting = append(s.waiting, events[:fitting]...)
	return fitting == len(events)
}

// feed tells subscribers what has been written.
type feed struct {
	lock        sync.Mutex
	subscribers map[*Subscription]struct{}
	direct      []func(Event)
	dropped     atomic.Int64
}

// Dropped is how many subscribers have been dropped because they were too slow.
func (x *Index) Dropped() int64 {
	return x.feed.dropped.Load()
}

// Subscribe tells of changes from now on. The room is how many changes may wait for a slow reader; they take memory only
// while they wait.
func (x *Index) Subscribe(room int) *Subscription {
	f := &x.feed
	s := &Subscription{feed: f, room: room, news: make(chan struct{}, 1)}
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.subscribers == nil {
		f.subscribers = map[*Subscription]struct{}{}
	}
	f.subscribers[s] = struct{}{}
	return s
}

// OnEvent has a function called for every change, in order, before anybody else is told. It must be quick, and must not
// write to the index.
func (x *Index) OnEvent(call func(Event)) {
	x.feed.lock.Lock()
	defer x.feed.lock.Unlock()
	x.feed.direct = append(x.feed.direct, call)
}

// TellRights lets subscribers know that rights at a site may have changed.
func (x *Index) TellRights(site string) {
	x.feed.publish([]Event{{Type: RightsType, Key: Key{Site: site}, Revision: x.Revision()}})
}

// publish tells of changes. Whoever has no room left is dropped: one slow reader holds up nobody.
func (f *feed) publish(events []Event) {
	f.lock.Lock()
	direct := f.direct
	f.lock.Unlock()
	for _, event := range events {
		for _, call := range direct {
			call(event)
		}
	}
	f.lock.Lock()
	defer f.lock.Unlock()
	for s := range f.subscribers {
		if !s.offer(events) {
			f.dropped.Add(1)
			delete(f.subscribers, s)
			s.end()
			continue
		}
		s.wake()
	}
}

// close ends every subscription.
func (f *feed) close() {
	f.lock.Lock()
	defer f.lock.Unlock()
	for s := range f.subscribers {
		s.end()
	}
	f.subscribers = nil
}
