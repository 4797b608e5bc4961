package collect

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/util/validation"

	"crofthci.io/croft/fleet/decode"
)

// header is what every object has.
type header struct {
	Namespace       string
	Name            string
	ResourceVersion string
}

// headerOf reads the address and the version of an object that is known to be JSON.
func headerOf(object []byte) (header, error) {
	metadata := member(object, "metadata")
	if metadata == nil {
		return header{}, errors.New("read an object: it has no metadata")
	}
	var h header
	var failed error
	members(metadata, func(key, value []byte) {
		var into *string
		switch string(key) {
		case "namespace":
			into = &h.Namespace
		case "name":
			into = &h.Name
		case "resourceVersion":
			into = &h.ResourceVersion
		default:
			return
		}
		failed = errors.Join(failed, read(value, into))
	})
	if failed != nil {
		return header{}, fmt.Errorf("read an object: %w", failed)
	}
	return h, nil
}

// read reads a text. Names are plain, and need no more than to be taken out of their quotes.
func read(value []byte, into *string) error {
	if last := len(value) - 1; last > 0 && value[0] == '"' && !bytes.ContainsFunc(value, func(char rune) bool { return char < ' ' || char > '~' || char == '\\' }) {
		*into = string(value[1:last])
		return nil
	}
	return decode.JSON(value, into)
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
