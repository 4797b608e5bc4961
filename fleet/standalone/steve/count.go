package steve

import (
	"reflect"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/resources/counts"
)

// counted is Steve's store of counts, with watches that count what their caller may
// see. Steve's own begin with that, and then count every object of those kinds that
// comes or goes, in whichever namespace: who has rights in one would be told what the
// others are called, and how much is in them. Here every change is counted anew.
type counted struct {
	types.Store
}

// Watch tells the counts that have changed for the caller.
func (s counted) Watch(op *types.APIRequest, kind *types.APISchema, asked types.WatchRequest) (chan types.APIEvent, error) {
	last, err := s.count(op, kind)
	if err != nil {
		return nil, err
	}

	events, err := s.Store.Watch(op, kind, asked)
	if err != nil || events == nil {
		return events, err
	}

	return sift(op.Context(), events, func(event types.APIEvent) (types.APIEvent, bool) {
		somewhere, ok := event.Object.Object.(counts.Count)
		if !ok {
			return event, event.Object.Object == nil
		}

		now, err := s.count(op, kind)
		if err != nil {
			return types.APIEvent{Error: err}, true
		}

		changed := map[string]counts.ItemCount{}

		for id := range somewhere.Counts {
			if is, was := now[id], last[id]; !same(is, was) {
				changed[id], last[id] = is, is
			}
		}

		event.Object.Object = counts.Count{ID: somewhere.ID, Counts: changed}

		return event, len(changed) > 0
	}), nil
}

// count counts what the caller may see.
func (s counted) count(op *types.APIRequest, kind *types.APISchema) (map[string]counts.ItemCount, error) {
	object, err := s.Store.ByID(op, kind, "count")
	if err != nil {
		return nil, err
	}

	now, _ := object.Object.(counts.Count)

	return now.Counts, nil
}

// same tells whether somebody would see no difference.
func same(is, was counts.ItemCount) bool {
	return reflect.DeepEqual(is.Summary, was.Summary) && reflect.DeepEqual(is.Namespaces, was.Namespaces)
}
