package steve

import (
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/stores/sqlpartition"
)

// fresh is Steve's store of lists. Steve copies each object that it has read from its cache, for rows to be written into;
// but each has just been made of what the cache keeps as bytes, and nobody else has it.
type fresh struct {
	*sqlpartition.Store
}

// List reads the objects of a kind that the caller may list.
func (s fresh) List(op *types.APIRequest, schema *types.APISchema) (types.APIObjectList, error) {
	partitions, err := s.Partitioner.All(op, schema, "list", "")
	if err != nil {
		return types.APIObjectList{}, err
	}
	list, total, summary, next, err := s.Partitioner.Store().ListByPartitions(op, schema, partitions)
	if err != nil {
		return types.APIObjectList{}, err
	}
	answer := types.APIObjectList{
		Count: total, Continue: next, Revision: list.GetResourceVersion(),
		Objects: make([]types.APIObject, 0, len(list.Items)),
	}
	if summary != nil {
		answer.Summary = *summary
	}
	for i := range list.Items {
		answer.Objects = append(answer.Objects, sqlpartition.ToAPI(schema, &list.Items[i], nil, renamed))
	}
	return answer, nil
}

// renamed are the fields of an object that a row has under another name. The cache has seen to the identity already.
var renamed = func() map[string]bool {
	fields := map[string]bool{}
	for field, reserved := range types.ReservedFields {
		if field != "id" {
			fields[field] = reserved
		}
	}
	return fields
}()
