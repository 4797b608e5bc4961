package serve

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"sync"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// noticeEvent says that something about the rows has changed that is no change of one row: list again.
const noticeEvent = "resource.changes"

const (
	// room is how many changes may wait for one subscriber before he is told to begin again.
	room = 4096
	// mostMissed is how many changes a subscriber who comes back is told one by one.
	mostMissed = 1000
	// mostWatches is how many subscriptions one user may have, with all of his pages.
	mostWatches = 64
)

// errTooMany refuses a subscription.
var errTooMany = apierror.NewAPIError(validation.ErrorCode{Code: "TooManyRequests", Status: http.StatusTooManyRequests}, "you have too many subscriptions; close some pages")

// places counts the subscriptions of each user.
type places struct {
	lock  sync.Mutex
	taken map[string]int
}

// take gives a user one more place, if there is one.
func (p *places) take(user string) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.taken[user] >= mostWatches {
		return false
	}
	if p.taken == nil {
		p.taken = map[string]int{}
	}
	p.taken[user]++
	return true
}

// leave gives a place back.
func (p *places) leave(user string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.taken[user]--; p.taken[user] <= 0 {
		delete(p.taken, user)
	}
}

// Watch tells of changes to rows in the caller's rights, as they are at the time of the change. With a revision, what
// has happened since then is told first. How many there are of one user is bounded: his pages decide how many he asks for.
func (s *store) Watch(op *types.APIRequest, _ *types.APISchema, ask types.WatchRequest) (chan types.APIEvent, error) {
	w := &watcher{store: s, who: caller(op), ask: ask, namespace: op.Namespace, grants: map[string]rights.Grant{}}
	if !s.places.take(w.who.Name) {
		return nil, errTooMany
	}
	subscription := s.access.Index.Subscribe(room)
	var missed []index.Event
	if ask.Revision != "" {
		revision, err := strconv.ParseInt(ask.Revision, 10, 64)
		if err == nil {
			missed, err = s.access.Index.Since(op.Context(), s.t, revision, mostMissed)
		}
		if err != nil {
			subscription.Stop()
			s.places.leave(w.who.Name)
			return nil, err
		}
	}
	for _, site := range s.access.Index.Sites() {
		w.changedRights(site.ID)
	}
	out := make(chan types.APIEvent)
	go func() {
		defer close(out)
		defer s.places.leave(w.who.Name)
		defer subscription.Stop()
		w.run(op.Context(), missed, subscription, out)
	}()
	return out, nil
}

// watcher tells one subscriber.
type watcher struct {
	store     *store
	who       rights.User
	ask       types.WatchRequest
	namespace string
	// grants are what the subscriber could find at each site when last looked at.
	grants map[string]rights.Grant
}

func (w *watcher) run(ctx context.Context, missed []index.Event, subscription *index.Subscription, out chan<- types.APIEvent) {
	for _, event := range missed {
		if !w.send(ctx, out, event) {
			return
		}
	}
	for {
		event, ok := subscription.Next(ctx)
		if !ok {
			w.push(ctx, out, types.APIEvent{Error: errors.New("too many changes at once; list again")})
			return
		}
		if !w.send(ctx, out, event) {
			return
		}
	}
}

// send tells of one event, if it is for this subscriber.
func (w *watcher) send(ctx context.Context, out chan<- types.APIEvent, event index.Event) bool {
	told, ok := w.translate(event)
	if !ok {
		return true
	}
	return w.push(ctx, out, told)
}

func (w *watcher) push(ctx context.Context, out chan<- types.APIEvent, told types.APIEvent) bool {
	select {
	case out <- told:
		return true
	case <-ctx.Done():
		return false
	}
}

// translate puts an event into Steve's words.
func (w *watcher) translate(event index.Event) (types.APIEvent, bool) {
	revision := strconv.FormatInt(event.Revision, 10)
	switch event.Type {
	case index.RightsType:
		return types.APIEvent{Name: noticeEvent, Revision: revision}, w.changedRights(event.Key.Site)
	case index.FreshnessType:
		w.changedRights(event.Key.Site)
		return types.APIEvent{Name: noticeEvent, Revision: revision}, w.store.access.knows(w.who, event.Key.Site) || event.Removed
	case w.store.t.Name:
	default:
		return types.APIEvent{}, false
	}
	if !w.wants(event.Key) || !w.store.access.Finds(w.who, w.store.t, event.Key) {
		return types.APIEvent{}, false
	}
	site, _ := w.store.access.Index.Site(event.Key.Site)
	told := types.APIEvent{Name: types.ChangeAPIEvent, Revision: revision}
	told.Object = types.APIObject{Type: w.store.t.Name, ID: event.Key.ID()}
	switch {
	case event.Removed:
		told.Name, told.Object.Object = types.RemoveAPIEvent, map[string]any{}
		return told, true
	case event.Created:
		told.Name = types.CreateAPIEvent
	}
	told.Object = w.store.object(event.Key, w.store.reduce(w.who, w.store.t.Guards, event.Key, event.Document), site)
	return told, true
}

// wants says whether a row is one that was asked for.
func (w *watcher) wants(key index.Key) bool {
	if w.ask.ID != "" && w.ask.ID != key.ID() {
		return false
	}
	return w.namespace == "" || w.namespace == key.Namespace
}

// changedRights says whether what the subscriber may find at a site is not what it was.
func (w *watcher) changedRights(site string) bool {
	if site == w.store.access.Hub {
		return true
	}
	var now rights.Grant
	if w.store.access.knows(w.who, site) {
		now = w.store.access.granted(w.who, w.store.t, site)
	}
	before := w.grants[site]
	w.grants[site] = now
	return !reflect.DeepEqual(before, now)
}
