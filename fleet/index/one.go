package index

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/decode"
)

// MostLabels is how many labels of an object are kept.
const MostLabels = 64

// Meta is what is kept of the metadata of every object.
type Meta struct {
	// UID is the object's own.
	UID string `json:"uid,omitempty"`
	// Created is when it was made.
	Created time.Time `json:"created,omitzero"`
	// Removing says that it is being deleted.
	Removing bool `json:"removing,omitempty"`
	// Labels are the object's, the first ones by their keys.
	Labels map[string]string `json:"labels,omitempty"`
}

// MetaOf keeps of an object's metadata what every row shows.
func MetaOf(meta *metav1.ObjectMeta) Meta {
	return Meta{
		UID: string(Short(meta.UID)), Created: meta.CreationTimestamp.Time, Removing: meta.DeletionTimestamp != nil, Labels: LabelsOf(meta.Labels),
	}
}

// LabelsOf are the first labels, each bounded, nil where there are none.
func LabelsOf(labels map[string]string) map[string]string {
	if len(labels) == 0 {
		return nil
	}
	if len(labels) <= MostLabels && !anyLong(labels) {
		return labels
	}
	kept := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if len(kept) == MostLabels {
			break
		}
		kept[Short(key)] = Short(labels[key])
	}
	return kept
}

// anyLong says whether a label is to be bounded.
func anyLong(labels map[string]string) bool {
	for key, value := range labels {
		if len(key) > longestName || len(value) > longestName {
			return true
		}
	}
	return false
}

// Row is the beginning of the object's row. The word is its state, also in the column of that name.
func (m Meta) Row(word string, state State, values map[string]any) Row {
	if m.Removing {
		word, state = "Removing", State{Transitioning: true}
	}
	state.Name = strings.ToLower(word)
	values["state"] = word
	return Row{UID: m.UID, Created: m.Created, Labels: m.Labels, State: state, Values: values}
}

// TrimOne is the Trim of a row of one object: the object is read as an R, and a K is kept of it.
func TrimOne[R, K any](kind string, keep func(*R) K) func([]byte) ([]byte, error) {
	return func(object []byte) ([]byte, error) {
		read := new(R)
		if err := decode.Known(object, read); err != nil {
			return nil, fmt.Errorf("read a %s: %w", kind, err)
		}
		return json.Marshal(keep(read))
	}
}

// JoinOne is the Join of such a row.
func JoinOne[K any](kind string, row func(*K) Row) func([][]byte) (Row, error) {
	return func(parts [][]byte) (Row, error) {
		kept := new(K)
		if err := decode.Known(parts[0], kept); err != nil {
			return Row{}, fmt.Errorf("read the kept %s: %w", kind, err)
		}
		return row(kept), nil
	}
}
