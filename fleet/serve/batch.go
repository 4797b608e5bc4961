package serve

import (
	"slices"

	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/fleet/index"
)

// batch makes messages of what waited, up to a change.
func (w *watcher) batch(events []index.Event, reached int64) ([]message, error) {
	told, notice, err := w.around(events)
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(slices.Clone(events), func(event index.Event) bool { return event.Type != w.store.t.Name || w.overtaken(event) })
	changed := w.rows(rows)
	// Rights that changed while these messages were made may have let too much or too little into them; the list will tell.
	otherwise, err := w.changedMeanwhile()
	if err != nil {
		return nil, err
	}
	if otherwise {
		changed, notice, w.adrift = nil, true, true
	}
	w.behind(reached)
	// The notice comes before the changes: a list that the client reads for it has at least those that are told before.
	if notice {
		told = append(told, w.notice(reached))
	}
	return w.upTo(append(told, changed...), reached), nil
}

// around looks at what is around the rows, rights and sites and projects. It tells of rows that are out of reach now, and
// says whether the client has to list again.
func (w *watcher) around(events []index.Event) (told []message, notice bool, err error) {
	looked, projects := w.store.access.Book.Changes() != w.changes, false
	for _, event := range events {
		switch {
		case event.Type == index.FreshnessType:
			looked = true
			notice = notice || event.Removed || w.store.access.knows(w.who, event.Key.Site)
		case event.Type == namespaceType && ofProjects(w.asked):
			projects = true
		}
	}
	if !looked && !projects {
		return nil, notice, nil
	}
	otherwise, lost, err := w.look(projects)
	if err != nil {
		return nil, false, err
	}
	w.adrift = w.adrift || otherwise
	told, err = w.leave(lost)
	return told, notice || otherwise, err
}

// changedMeanwhile says whether the subscriber sees otherwise than when he was last looked at. The rows that he has lost
// by that are told with the next batch, which the change brings.
func (w *watcher) changedMeanwhile() (bool, error) {
	if w.store.access.Book.Changes() == w.changes {
		return false, nil
	}
	now, err := w.store.view(w.who, w.asked)
	if err != nil {
		return false, err
	}
	return now.print(w.asked) != w.print, nil
}

// overtaken says that the client has been told of a row as it was after this change, or a later one, and may know it.
func (w *watcher) overtaken(event index.Event) bool {
	if event.Revision > w.ahead[event.Key] || !w.mayHear(event.Key) {
		return false
	}
	if event.Removed || event.Was != event.Row {
		w.known.take(event.Was)
	}
	return true
}

// behind forgets which rows were ahead of a change.
func (w *watcher) behind(reached int64) {
	for key, revision := range w.ahead {
		if revision <= reached {
			delete(w.ahead, key)
		}
	}
}

// rows makes messages of changes of rows.
func (w *watcher) rows(events []index.Event) []message {
	var heard []index.Event
	var all []message
	for _, event := range events {
		switch {
		case w.mayHear(event.Key):
			heard = append(heard, event)
		case w.known.take(event.Was) && w.about(event.Key):
			all = append(all, w.removed(event.Key, event.Revision))
		}
	}
	if w.view.narrow && len(heard) > 0 {
		return append(all, w.narrow(heard)...)
	}
	for _, event := range heard {
		knew := w.known.take(event.Was)
		if event.Removed {
			all = append(all, w.removed(event.Key, event.Revision))
			continue
		}
		w.known.add(event.Row)
		all = append(all, w.changed(nameFor(knew), event.Key, event.Revision, event.Document()))
	}
	return all
}

// nameFor is what a row is told as that the client knew, or not.
func nameFor(knew bool) string {
	if knew {
		return types.ChangeAPIEvent
	}
	return types.CreateAPIEvent
}

// narrow looks which of the rows the query has now. One that it has not is told as removed if the client may know it: if
// it was in the query, or if it may have been for a moment in which the client listed, because it has changed more than
// once since it was last looked at.
func (w *watcher) narrow(events []index.Event) []message {
	rows := make([]int64, 0, len(events))
	for _, event := range events {
		if !event.Removed {
			rows = append(rows, event.Row)
		}
	}
	found := w.sight.Look(rows)
	var all []message
	for _, event := range events {
		now, there := found[event.Row]
		there = there && !event.Removed && now.Key == event.Key
		knew := w.known.take(event.Was)
		revision := event.Revision
		if there {
			revision = max(revision, now.Revision)
		}
		switch {
		case there && now.Inside:
			w.known.add(now.Row)
			all = append(all, w.changed(nameFor(knew), event.Key, revision, now.Document))
		case knew || event.Again || !event.Removed && (!there || revision != event.Revision):
			all = append(all, w.removed(event.Key, revision))
		}
		w.ahead[event.Key] = revision
	}
	return all
}
