package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/util/validation"
)

// header is what every object has.
type header struct {
	Namespace       string
	Name            string
	ResourceVersion string
}

// headerOf reads the address and the version of an object that is known to be JSON.
func headerOf(object []byte) (header, error) {
	var metadata struct {
		Namespace       string `json:"namespace"`
		Name            string `json:"name"`
		ResourceVersion string `json:"resourceVersion"`
	}
	text := member(object, "metadata")
	if text == nil {
		return header{}, errors.New("read an object: it has no metadata")
	}
	if err := json.Unmarshal(text, &metadata); err != nil {
		return header{}, fmt.Errorf("read an object: %w", err)
	}
	return header(metadata), nil
}

// longestVersion is the longest resourceVersion that is kept. API servers count.
const longestVersion = 128

// check refuses addresses that no API server gives out, because they become part of addresses in the hub.
func (h header) check() error {
	if h.Name == "" || len(h.Name) > 253 {
		return errors.New("an object has no name, or one that is too long")
	}
	if problems := path.IsValidPathSegmentName(h.Name); len(problems) > 0 {
		return fmt.Errorf("the name %q %s", h.Name, strings.Join(problems, ", "))
	}
	if len(h.ResourceVersion) > longestVersion {
		return errors.New("an object has a resourceVersion that is too long")
	}
	if h.Namespace == "" {
		return nil
	}
	if problems := validation.IsDNS1123Label(h.Namespace); len(problems) > 0 {
		return fmt.Errorf("the namespace %q: %s", h.Namespace, strings.Join(problems, ", "))
	}
	return nil
}
