package steve

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/lru"
)

// mostKept is how many objects' typed forms are kept for rows: a few MiB to some tens. A site with more objects makes those
// again that were not looked at for long.
const mostKept = 4096

// once keeps what was made of objects, for as long as they do not change: most rows of most pages have been shown before.
type once struct {
	kept *lru.Cache
}

// object names an object whatever its name is reused for.
type object struct {
	kind schema.GroupVersionKind
	uid  types.UID
}

// version is what was made of one version of an object.
type version struct {
	number string
	made   any
}

func newOnce() once {
	return once{lru.New(mostKept)}
}

// make makes something of an object, unless that was done for this version already.
func (o once) make(of *unstructured.Unstructured, produce func() (any, error)) (any, error) {
	key, number := object{of.GroupVersionKind(), of.GetUID()}, of.GetResourceVersion()
	if key.uid == "" || number == "" {
		return produce()
	}
	if found, ok := o.kept.Get(key); ok && found.(version).number == number {
		return found.(version).made, nil
	}
	made, err := produce()
	if err == nil {
		o.kept.Add(key, version{number, made})
	}
	return made, err
}
