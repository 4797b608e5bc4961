package index

import "sync"

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
	// Events are the changes in order. The channel is closed when the subscriber was too slow, when the index is begun
	// anew and when it closes: what was missed is to be read again.
	Events <-chan Event
	stop   func()
}

// Stop ends the subscription.
func (s *Subscription) Stop() {
	s.stop()
}

// feed tells subscribers what has been written.
type feed struct {
	lock        sync.Mutex
	subscribers map[chan Event]struct{}
	direct      []func(Event)
}

// Subscribe tells of changes from now on. The room is how many changes may wait for a slow reader.
func (x *Index) Subscribe(room int) *Subscription {
	f := &x.feed
	events := make(chan Event, room)
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.subscribers == nil {
		f.subscribers = map[chan Event]struct{}{}
	}
	f.subscribers[events] = struct{}{}
	return &Subscription{Events: events, stop: func() { f.remove(events) }}
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

func (f *feed) remove(events chan Event) {
	f.lock.Lock()
	defer f.lock.Unlock()
	if _, ok := f.subscribers[events]; ok {
		delete(f.subscribers, events)
		close(events)
	}
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
	for subscriber := range f.subscribers {
		for _, event := range events {
			if !offer(subscriber, event) {
				delete(f.subscribers, subscriber)
				close(subscriber)
				break
			}
		}
	}
}

func offer(subscriber chan Event, event Event) bool {
	select {
	case subscriber <- event:
		return true
	default:
		return false
	}
}

// close ends every subscription.
func (f *feed) close() {
	f.lock.Lock()
	defer f.lock.Unlock()
	for subscriber := range f.subscribers {
		close(subscriber)
	}
	f.subscribers = nil
}
