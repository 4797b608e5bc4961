package lightapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
)

// remembered is how many changes a server remembers.
const remembered = 20_000

// store is all objects of a server, and how many changes there have been.
type store struct {
	lock sync.RWMutex
	last int64
	// forgotten is the last version of which the past is not known any more.
	forgotten int64
	past      int
	tables    []*table
}

// Fill puts objects there as if they had been for long: none of them is in anybody's history. It is for the time before
// the server is asked.
func (s *Server) Fill(kind Kind, objects ...map[string]any) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	t, ok := s.tableOf(kind)
	if !ok {
		return fmt.Errorf("the server has no kind %s", kind)
	}
	for _, object := range objects {
		text, where, err := s.stamp(t, object, nil)
		if err != nil {
			return err
		}
		t.objects[where] = []version{{number: s.last, text: text}}
		t.keys = append(t.keys, where)
	}
	slices.Sort(t.keys)
	s.forgotten = s.last
	return nil
}

func (s *store) tableOf(kind Kind) (*table, bool) {
	for _, t := range s.tables {
		if t.kind == kind {
			return t, true
		}
	}
	return nil, false
}

// stamp gives an object the next version and what it has besides, and says where it is kept.
func (s *store) stamp(t *table, object, before map[string]any) (text []byte, where string, err error) {
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return nil, "", refusal{http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, "metadata: Required value"}
	}
	name, _ := metadata["name"].(string)
	namespace, _ := metadata["namespace"].(string)
	if name == "" || t.kind.Namespaced != (namespace != "") {
		return nil, "", refusal{http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, "metadata.name and, in a namespace, metadata.namespace: Required value"}
	}
	s.last++
	metadata["resourceVersion"] = strconv.FormatInt(s.last, 10)
	for _, kept := range []string{"uid", "creationTimestamp"} {
		if old, ok := before[kept]; ok {
			metadata[kept] = old
		}
	}
	if metadata["uid"] == nil {
		metadata["uid"] = string(uuid.NewUUID())
	}
	if metadata["creationTimestamp"] == nil {
		metadata["creationTimestamp"] = time.Now().UTC().Format(time.RFC3339)
	}
	object["apiVersion"], object["kind"] = t.kind.GroupVersion().String(), t.kind.Kind
	text, err = json.Marshal(object)
	return text, key(namespace, name), err
}

// record adds a change, and forgets the older half when there are too many.
func (s *store) record(t *table, word, where string, text, gone []byte) {
	t.put(word, where, version{number: s.last, text: text}, gone)
	if s.past++; s.past > remembered {
		s.forget(s.last - remembered/2)
		s.past = remembered / 2
	}
}

// Forget forgets everything that was before now, as etcd does when it is compacted.
func (s *Server) Forget() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.forget(s.last)
	s.past = 0
}

func (s *store) forget(number int64) {
	for _, t := range s.tables {
		t.forget(number)
	}
	s.forgotten = max(s.forgotten, number)
}

// metadataOf reads an object's metadata.
func metadataOf(text []byte) (map[string]any, error) {
	var object struct {
		Metadata map[string]any `json:"metadata"`
	}
	err := json.Unmarshal(text, &object)
	return object.Metadata, err
}
