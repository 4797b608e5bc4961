package index

import (
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
	// Again says that other changes of the same row have waited with this one; it is the last.
	Again bool
	// Row is the row's number in the table, which another row may have after it is removed. Was is the one that it had
	// before all that has waited; it is another where the row was removed and came anew.
	Row, Was int64
	// Parts are what the row was joined from, for types without Join alone.
	Parts [][]byte

	// show writes the row, once for all who are told.
	show func() []byte
}

// Document is the row as it was shown after the change, nil if it was removed.
func (e Event) Document() []byte {
	if e.show == nil {
		return nil
	}
	return e.show()
}

// Subscription is somebody who is told of changes. Of each row what waits is told once, as it was last.
type Subscription struct {
	feed *feed
	room int
	// types are those of the rows that are told; none are all.
	types map[string]struct{}

	lock    sync.Mutex
	waiting []Event
	// places are where in waiting the change of a row is.
	places map[place]int
	// reached is the last change of which everything that is to be told waits or has been taken.
	reached int64
	over    bool
	// news holds a token when something waits or the subscription is over.
	news chan struct{}
}

// place is what waits once.
type place struct {
	kind string
	key  Key
}

// News has something in it when there is something to take.
func (s *Subscription) News() <-chan struct{} {
	return s.news
}

// Take takes everything that waits, and the number of the change up to which the subscriber has been told of all with
// that. More is false when nothing will come any more: when the subscriber was too slow, when the index was begun anew
// and when it closes. What was missed is then to be read again.
func (s *Subscription) Take() (events []Event, reached int64, more bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	events, s.waiting, s.places = s.waiting, nil, nil
	return events, s.reached, !s.over
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
	for _, event := range events {
		ofRow := event.Type != FreshnessType && event.Type != RightsType && event.Type != RebuiltType
		if _, wanted := s.types[event.Type]; ofRow && !wanted && len(s.types) > 0 {
			s.reached = max(s.reached, event.Revision)
			continue
		}
		if !s.wait(event) {
			return false
		}
		if ofRow {
			s.reached = max(s.reached, event.Revision)
		}
	}
	return true
}

// wait has one change wait, in the place of an earlier one of the same row.
func (s *Subscription) wait(event Event) bool {
	at := place{event.Type, event.Key}
	if number, ok := s.places[at]; ok {
		s.waiting[number] = merge(s.waiting[number], event)
		return true
	}
	if len(s.waiting) >= s.room {
		return false
	}
	if s.places == nil {
		s.places = map[place]int{}
	}
	s.places[at] = len(s.waiting)
	s.waiting = append(s.waiting, event)
	return true
}

// merge makes one change of two of the same row.
func merge(first, last Event) Event {
	last.Created = first.Created && !last.Removed
	last.Again, last.Was = true, first.Was
	if first.Type == FreshnessType {
		last.Removed = first.Removed || last.Removed
	}
	return last
}

// feed tells subscribers what has been written.
type feed struct {
	lock        sync.Mutex
	subscribers map[*Subscription]struct{}
	direct      []func(Event)
	dropped     atomic.Int64
	// told is the last change of which subscribers have been told.
	told int64
}

// Dropped is how many subscribers have been dropped because they were too slow.
func (x *Index) Dropped() int64 {
	return x.feed.dropped.Load()
}

// Subscribe tells of changes from now on, of rows of the types named or of all. The room is how many rows may wait for a
// slow reader; they take memory only while they wait.
func (x *Index) Subscribe(room int, types ...string) *Subscription {
	f := &x.feed
	s := &Subscription{feed: f, room: room, types: setOf(types), news: make(chan struct{}, 1)}
	f.lock.Lock()
	defer f.lock.Unlock()
	s.reached = f.told
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
	for _, event := range events {
		if event.Type != RightsType {
			f.told = max(f.told, event.Revision)
		}
	}
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

// reach notes up to which change there is nothing to tell.
func (f *feed) reach(revision int64) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.told = max(f.told, revision)
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
