package lightapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// largest is the largest object that is taken, as an API server's.
const largest = 3 << 20

// create makes an object.
func (s *Server) create(p place, body io.Reader) ([]byte, error) {
	object, err := read(p, body)
	if err != nil {
		return nil, err
	}
	return s.write(p, object, func(_ version, there bool) error {
		if there {
			return refusal{http.StatusConflict, metav1.StatusReasonAlreadyExists, "the object already exists"}
		}
		return nil
	})
}

// update writes over an object that the caller has seen.
func (s *Server) update(p place, body io.Reader) ([]byte, error) {
	object, err := read(p, body)
	if err != nil {
		return nil, err
	}
	seen, _ := object["metadata"].(map[string]any)["resourceVersion"].(string)
	return s.write(p, object, func(now version, there bool) error {
		switch {
		case !there:
			return notFound(p.name)
		case seen != "" && seen != fmt.Sprint(now.number):
			return refusal{http.StatusConflict, metav1.StatusReasonConflict, "the object has been modified; please apply your changes to the latest version and try again"}
		}
		return nil
	})
}

// write adds a version of an object, if nothing speaks against it.
func (s *Server) write(p place, object map[string]any, unless func(now version, there bool) error) ([]byte, error) {
	metadata, _ := object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	s.lock.Lock()
	defer s.lock.Unlock()
	now, there := p.table.now(key(p.namespace, name))
	if err := unless(now, there); err != nil {
		return nil, err
	}
	word, before := watch.Added, map[string]any(nil)
	if there {
		var err error
		if before, err = metadataOf(now.text); err != nil {
			return nil, err
		}
		word = watch.Modified
	} else {
		delete(metadata, "uid")
	}
	text, where, err := s.stamp(p.table, object, before)
	if err != nil {
		return nil, err
	}
	s.record(p.table, string(word), where, text, nil)
	return text, nil
}

// remove takes an object away. Those who watch are told how it was, with the version at which it went.
func (s *Server) remove(p place) ([]byte, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	where := key(p.namespace, p.name)
	now, there := p.table.now(where)
	if !there {
		return nil, notFound(p.name)
	}
	var object map[string]any
	if err := json.Unmarshal(now.text, &object); err != nil {
		return nil, err
	}
	metadata, _ := object["metadata"].(map[string]any)
	last, _, err := s.stamp(p.table, object, metadata)
	if err != nil {
		return nil, err
	}
	s.record(p.table, string(watch.Deleted), where, nil, last)
	return jsonOf(metav1.Status{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusSuccess})
}

// get reads one object.
func (s *Server) get(p place) ([]byte, error) {
	s.lock.RLock()
	defer s.lock.RUnlock()
	now, there := p.table.now(key(p.namespace, p.name))
	if !there {
		return nil, notFound(p.name)
	}
	return now.text, nil
}

// read reads an object that somebody sends; its address is the request's.
func read(p place, body io.Reader) (map[string]any, error) {
	var object map[string]any
	if err := json.NewDecoder(io.LimitReader(body, largest)).Decode(&object); err != nil {
		return nil, refusal{http.StatusBadRequest, metav1.StatusReasonBadRequest, "the object is no JSON: " + err.Error()}
	}
	metadata, ok := object["metadata"].(map[string]any)
	if !ok {
		return nil, refusal{http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, "metadata: Required value"}
	}
	if p.namespace != "" {
		metadata["namespace"] = p.namespace
	}
	if p.name != "" {
		metadata["name"] = p.name
	}
	return object, nil
}

func jsonOf(value any) ([]byte, error) {
	return json.Marshal(value)
}
