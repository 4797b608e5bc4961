package lightapi

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// How long a watch lasts when nobody says, and how often those who want them get bookmarks.
const (
	lasts    = 30 * time.Minute
	bookmark = time.Minute
)

// watcher is one who watches a place.
type watcher struct {
	server *Server
	place  place
	out    http.ResponseWriter
	// reached is the version up to which he has been told.
	reached   int64
	bookmarks bool
}

// watch tells changes until the client goes, the time is over, or the server ends.
func (s *Server) watch(w http.ResponseWriter, r *http.Request, p place) error {
	query := r.URL.Query()
	from, err := number(query, "resourceVersion")
	if err != nil {
		return err
	}
	seconds, err := number(query, "timeoutSeconds")
	if err != nil {
		return err
	}
	initial := query.Get("sendInitialEvents") == "true"
	if initial && query.Get("resourceVersionMatch") != string(metav1.ResourceVersionMatchNotOlderThan) {
		return refusal{http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, "sendInitialEvents needs resourceVersionMatch=NotOlderThan"}
	}
	watcher := &watcher{server: s, place: p, out: w, reached: from, bookmarks: query.Get("allowWatchBookmarks") == "true"}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	if initial || from == 0 {
		watcher.begin(initial)
	}
	end := time.NewTimer(lasts)
	if seconds > 0 {
		end.Reset(time.Duration(seconds) * time.Second)
	}
	defer end.Stop()
	watcher.run(r.Context().Done(), end.C)
	return nil
}

// begin tells what is there.
func (w *watcher) begin(mark bool) {
	w.server.lock.RLock()
	found, _, _ := w.place.table.page(w.place.prefix(), "", w.server.last, 0)
	w.reached = w.server.last
	w.server.lock.RUnlock()
	for _, each := range found {
		w.out.Write(line(string(watch.Added), each.text))
	}
	if mark && w.bookmarks {
		w.mark(`,"annotations":{"` + metav1.InitialEventsAnnotationKey + `":"true"}`)
	}
}

// run tells changes as they come.
func (w *watcher) run(gone <-chan struct{}, end <-chan time.Time) {
	flush := http.NewResponseController(w.out)
	due := time.NewTicker(bookmark)
	defer due.Stop()
	for {
		news, err := w.tell()
		if err != nil {
			w.fail(err)
			return
		}
		if flush.Flush() != nil {
			return
		}
		select {
		case <-news:
		case <-due.C:
			w.mark("")
		case <-end:
			w.mark("")
			return
		case <-gone:
			return
		case <-w.server.ended:
			return
		}
	}
}

// tell writes what has happened since, and gives what is closed when more does.
func (w *watcher) tell() (<-chan struct{}, error) {
	s := w.server
	s.lock.RLock()
	news, found, last := w.place.table.news, w.place.table.since(w.place.prefix(), w.reached), s.last
	err := s.remembers(w.reached)
	s.lock.RUnlock()
	switch {
	case err != nil:
		return nil, err
	case w.reached > last:
		return nil, ahead(w.reached, last)
	}
	for _, each := range found {
		w.out.Write(line(each.word, each.text))
	}
	w.reached = last
	return news, nil
}

// mark writes a bookmark for those who want it.
func (w *watcher) mark(more string) {
	if !w.bookmarks {
		return
	}
	kind := w.place.table.kind
	w.out.Write(line(string(watch.Bookmark), fmt.Appendf(nil, `{"kind":%q,"apiVersion":%q,"metadata":{"resourceVersion":"%d","creationTimestamp":null%s}}`,
		kind.Kind, kind.GroupVersion().String(), w.reached, more)))
}

// fail writes why a watch ends.
func (w *watcher) fail(err error) {
	refused, ok := err.(refusal) //nolint:errorlint // the store gives it as it is
	if !ok {
		return
	}
	text, err := jsonOf(refused.status())
	if err != nil {
		return
	}
	w.out.Write(line(string(watch.Error), text))
}

// isWatch says whether a query is a watch.
func isWatch(query url.Values) bool {
	return query.Get("watch") == "true" || query.Get("watch") == "1"
}
