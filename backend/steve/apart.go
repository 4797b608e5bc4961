package steve

import (
	"slices"
	"strings"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/sqlcache/partition"
	"github.com/rancher/steve/pkg/stores/sqlpartition"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/watch"
)

// apart is Steve's store of lists, with watches that keep namespaces apart. For who has rights in several namespaces Steve
// begins one watch for each of them, and all of these write their namespace into one request: mostly the last one counted
// for all, and somebody who may see one object of a namespace was told of every other in it. Here there is one watch, and
// each of its events is looked at.
type apart struct {
	sqlpartition.UnstructuredStore
}

// everything is what a watch is asked for before its events are looked at.
var everything = []partition.Partition{{Passthrough: true}}

// WatchByPartitions tells of what changes in any of the partitions.
func (s apart) WatchByPartitions(
	op *types.APIRequest, schema *types.APISchema, asked types.WatchRequest, partitions []partition.Partition,
) (chan watch.Event, error) {
	if namespace, name, ok := strings.Cut(asked.ID, "/"); ok {
		op = op.Clone()
		op.Namespace, asked.ID = namespace, name // Steve looks for an object that has all of it for a name
	}
	events, err := s.UnstructuredStore.WatchByPartitions(op, schema, asked, everything)
	if err != nil {
		return nil, err
	}
	told := make(chan watch.Event)
	go func() {
		defer close(told)
		for event := range events {
			if event.Type == watch.Error || within(partitions, event) {
				told <- event
			}
		}
	}()
	return told, nil
}

// within says whether an event is of an object in one of the partitions.
func within(partitions []partition.Partition, event watch.Event) bool {
	object, err := meta.Accessor(event.Object)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(partitions, func(p partition.Partition) bool {
		if p.Passthrough {
			return true
		}
		here := p.Namespace == "" || p.Namespace == all || p.Namespace == object.GetNamespace()
		return here && (p.All || p.Names.Has(object.GetName()))
	})
}
