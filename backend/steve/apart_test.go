package steve

import (
	"testing"

	"github.com/rancher/steve/pkg/sqlcache/partition"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/watch"
)

func TestWithin(t *testing.T) {
	one := partition.Partition{Namespace: "home", Names: sets.New("one")}
	all := partition.Partition{Namespace: "away", All: true}
	cases := map[string]struct {
		reason          string
		partitions      []partition.Partition
		namespace, name string
		want            bool
	}{
		"Named":      {"the object of the name", []partition.Partition{one, all}, "home", "one", true},
		"Unnamed":    {"no other of its namespace, though all of another's", []partition.Partition{one, all}, "home", "two", false},
		"All":        {"all of the other namespace", []partition.Partition{one, all}, "away", "two", true},
		"Elsewhere":  {"nothing of a third", []partition.Partition{one, all}, "third", "one", false},
		"Everywhere": {"a name in whichever namespace", []partition.Partition{{Namespace: "*", Names: sets.New("one")}}, "third", "one", true},
		"NoNames":    {"no name is not every name", []partition.Partition{{Namespace: "home"}}, "home", "one", false},
		"Cluster":    {"what is in no namespace", []partition.Partition{{Names: sets.New("one")}}, "", "one", true},
		"Passed":     {"who may see all", []partition.Partition{{Passthrough: true}}, "third", "one", true},
		"None":       {"who may see nothing", nil, "home", "one", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			object := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: tc.namespace, Name: tc.name}}
			if got := within(tc.partitions, watch.Event{Type: watch.Modified, Object: object}); got != tc.want {
				t.Errorf("%s: %v", tc.reason, got)
			}
		})
	}
	if within([]partition.Partition{{Passthrough: true}}, watch.Event{Object: &runtime.Unknown{}}) {
		t.Error("what has no name is not told of")
	}
}
