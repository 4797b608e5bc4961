package provisioning

import (
	"bytes"
	"errors"
)

// ClusterSpec is what was asked for, as it was written: a guest cluster's versions and pools stand here, and whoever writes a
// cluster back, be it for a finalizer alone, writes them back with it.
type ClusterSpec struct {
	// Raw is the JSON of the spec; none is an empty one.
	Raw []byte `json:"-"`
}

// MarshalJSON is the spec as it was read.
func (s ClusterSpec) MarshalJSON() ([]byte, error) {
	if len(s.Raw) == 0 {
		return []byte("{}"), nil
	}

	return s.Raw, nil
}

// UnmarshalJSON keeps the spec as it is.
func (s *ClusterSpec) UnmarshalJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	if bytes.Equal(text, []byte("null")) {
		s.Raw = nil

		return nil
	}

	if !bytes.HasPrefix(text, []byte("{")) {
		return errors.New("spec is no object")
	}

	s.Raw = bytes.Clone(text)

	return nil
}
