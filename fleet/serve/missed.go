package serve

import (
	"context"

	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/fleet/index"
)

// missed is what has happened since the subscriber's cursor, if he brings one.
func (w *watcher) missed(ctx context.Context) ([]message, error) {
	cursor, given, err := w.ask.cursor()
	if err != nil {
		return nil, err
	}
	if !given {
		return nil, nil
	}
	if cursor.Print != 0 && cursor.Index != w.index {
		return nil, errOtherIndex
	}
	if cursor.Print != 0 && cursor.Print != w.print {
		return nil, errOtherView
	}
	if err := w.sameProjects(ctx, cursor); err != nil {
		return nil, err
	}
	standings, reached, err := w.store.access.Index.Since(ctx, w.sight, cursor.Revision, mostMissed)
	if err != nil {
		return nil, err
	}
	w.reached = cursor.Revision
	var all []message
	for _, standing := range standings {
		if !w.mayHear(standing.Key) {
			continue
		}
		w.ahead[standing.Key] = standing.Revision
		if standing.Inside {
			w.known.add(standing.Row)
			all = append(all, w.changed(types.ChangeAPIEvent, standing.Key, standing.Revision, standing.Document))
			continue
		}
		all = append(all, w.removed(standing.Key, standing.Revision))
	}
	return w.upTo(all, reached), nil
}

// sameProjects refuses a cursor since which a namespace may have come to another project, with all that is in it.
func (w *watcher) sameProjects(ctx context.Context, cursor Cursor) error {
	if !ofProjects(w.asked) {
		return nil
	}
	for _, t := range w.store.access.Index.Types() {
		if t.Name != namespaceType {
			continue
		}
		sight, err := w.store.access.Index.Sight(index.Query{Type: t, Scope: w.store.access.Scope(w.who, t, w.view.sites)})
		if err != nil {
			return err
		}
		changed, _, err := w.store.access.Index.Since(ctx, sight, cursor.Revision, 1)
		if err == nil && len(changed) > 0 {
			err = index.ErrTooOld
		}
		return err
	}
	return nil
}
