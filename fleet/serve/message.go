package serve

import (
	"strconv"

	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/fleet/index"
)

// noticeEvent says that something about the rows has changed that is no change of one row: list again.
const noticeEvent = "resource.changes"

// cursorEvent brings a cursor when there has been nothing else to tell.
const cursorEvent = "resource.cursor"

// message is one thing that is told.
type message struct {
	types.APIEvent
	// Cursor is from where the client may go on, once it has this and all before.
	Cursor string `json:"cursor,omitempty"`
	// seen is the row that is told of, which the press writes; nil where there is none.
	seen *picture
	// about are the fields of the subscription, as they stand in every message of it.
	about string
}

// changed tells of a row that is there.
func (w *watcher) changed(name string, key index.Key, revision int64, document []byte) message {
	site, _ := w.store.access.Index.Site(key.Site)
	hidden := w.store.hides(w.who, w.view.hidden, key)
	return w.of(name, picture{key: key, revision: revision, hidden: hidden, site: site, document: document})
}

// removed tells of a row that is not there any more, or not for the subscriber.
func (w *watcher) removed(key index.Key, revision int64) message {
	return w.of(types.RemoveAPIEvent, picture{key: key, revision: revision, removed: true})
}

func (w *watcher) of(name string, seen picture) message {
	seen.store, seen.wanted = w.store, &w.wanted
	return message{APIEvent: types.APIEvent{Name: name, Revision: strconv.FormatInt(seen.revision, 10)}, seen: &seen}
}

// notice tells the client to list again.
func (w *watcher) notice(revision int64) message {
	return message{APIEvent: types.APIEvent{Name: noticeEvent, Revision: strconv.FormatInt(revision, 10)}}
}

// upTo notes that with these messages everything up to a change has been told, and has the last of them say so.
func (w *watcher) upTo(all []message, reached int64) []message {
	w.reached = max(w.reached, reached)
	if len(all) > 0 && !w.adrift {
		all[len(all)-1].Cursor, w.said = w.cursor(), w.reached
	}
	return all
}

// cursor is the one of now. Revisions of lists are enough for who does not ask for cursors, but it does no harm.
func (w *watcher) cursor() string {
	return Cursor{w.reached, w.first, w.index}.String()
}
