package serve

import (
	"errors"
	"net/url"
	"time"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

const (
	// room is how many rows may wait for one subscriber before he is told to begin again.
	room = 4096
	// mostMissed is how many rows a subscriber is told one by one who comes back, or whose rights are gone.
	mostMissed = 1000
	// pace is the least time between two looks at what waits, so that a row that changes all the time is told now and then.
	pace = 100 * time.Millisecond
	// beat is how often a client that keeps a cursor gets a new one when there is nothing to tell.
	beat = 15 * time.Second
	// debounce is the least time between notices when the client names none.
	debounce = 5 * time.Second
)

// errMissed ends a subscription of which something was lost.
var errMissed = errors.New("too many changes at once; list again")

// errOtherView ends a subscription, or refuses its cursor, where changes alone do not suffice.
var errOtherView = errors.New("the cursor is of another query, or your rights or the sites have changed since; list again")

// errOtherIndex refuses a cursor whose number means something else here.
var errOtherIndex = errors.New("the cursor is of another replica of the hub, or of an index that has been begun anew since; list again")

// watcher tells one subscriber of changes to rows in his rights, as they are at the time of telling, and in his query.
type watcher struct {
	store *store
	who   rights.User
	ask   Subscribe
	asked url.Values
	// wanted are the fields of rows that are asked for.
	wanted fields
	news   *index.Subscription

	view *view
	// sight is the view's query, less what the subscription is not about.
	sight *index.Sight
	// changes is how often rights had changed when they were looked at.
	changes int64
	// print is that of the view, and first the one with which the subscription began.
	print, first uint64
	// adrift says that what is shown has changed otherwise than by changes of rows. The client lists again, and takes its
	// next cursor from the list: ours would not have told it what the list does.
	adrift bool
	// known are the rows that the client may know.
	known numbers
	// ahead are rows that were told as they were after changes of which it has not been told yet.
	ahead map[index.Key]int64
	// index is whose numbers the changes have.
	index string
	// reached is up to where everything has been told, and said the last that was said.
	reached, said int64
}

// newWatcher subscribes. Whoever does not get one has nothing to stop.
func newWatcher(s *store, who rights.User, ask Subscribe) (*watcher, error) {
	asked, err := ask.query()
	if err != nil {
		return nil, err
	}
	wanted, err := fieldsOf(url.Values{"include": ask.Include, "exclude": ask.Exclude})
	if err != nil {
		return nil, err
	}
	w := &watcher{store: s, who: who, ask: ask, asked: asked, wanted: wanted, index: s.access.Index.ID(), known: numbers{}, ahead: map[index.Key]int64{}}
	told := []string{s.t.Name}
	if ofProjects(asked) {
		told = append(told, namespaceType)
	}
	w.news = s.access.Index.Subscribe(room, told...)
	_, w.reached, _ = w.news.Take()
	if _, _, err := w.look(false); err != nil {
		w.news.Stop()
		return nil, err
	}
	w.first = w.print
	return w, nil
}

// namespaceType is the type of the rows that say in which project a namespace is.
const namespaceType = "namespace"

// look looks at the subscriber's rights and at the sites, and at all rows if he sees otherwise than before, or if the
// projects of namespaces may be others. It says whether so, and gives the numbers of the rows that he saw and does not see
// any more; they stay known until he is told.
func (w *watcher) look(projects bool) (otherwise bool, lost []int64, err error) {
	w.changes = w.store.access.Book.Changes()
	now, err := w.store.view(w.who, w.asked)
	if err != nil {
		return false, nil, err
	}
	seen := now.print(w.asked)
	if seen == w.print && !projects {
		return false, nil, nil
	}
	now.only(&w.ask)
	sight, err := w.store.access.Index.Sight(now.query)
	if err != nil {
		return false, nil, err
	}
	known := numbers{}
	sight.Members(known.add)
	lost = w.known.without(known)
	for _, number := range lost {
		known.add(number)
	}
	w.view, w.print, w.sight, w.known = now, seen, sight, known
	return true, lost, nil
}

// leave tells of rows that the subscriber does not see any more. Of those that have changed meanwhile their change tells:
// their numbers may be other rows' by now. To who is told by notices the notice is enough, however many they are.
func (w *watcher) leave(lost []int64) ([]message, error) {
	if w.ask.Mode == noticeEvent {
		for _, number := range lost {
			w.known.take(number)
		}
		return nil, nil
	}
	if len(lost) > mostMissed {
		return nil, errOtherView
	}
	rows := w.sight.Look(lost)
	var all []message
	for _, number := range lost {
		row, ok := rows[number]
		if !ok || row.Revision > w.reached {
			continue
		}
		w.known.take(number)
		if w.about(row.Key) {
			all = append(all, w.removed(row.Key, w.reached))
		}
	}
	return all, nil
}

// about says whether the subscription is about a row, by its namespace and name alone.
func (w *watcher) about(key index.Key) bool {
	return (w.ask.ID == "" || w.ask.ID == key.ID()) && (w.ask.Namespace == "" || w.ask.Namespace == key.Namespace)
}

// mayHear says whether a row is in the subscriber's rights now, and one that the subscription is about.
func (w *watcher) mayHear(key index.Key) bool {
	return w.sight.Has(key) && w.about(key)
}
