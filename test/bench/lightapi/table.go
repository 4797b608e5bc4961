package lightapi

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// version is an object as it was from a resourceVersion on, without text where it was gone.
type version struct {
	number int64
	text   []byte
}

// happening is one change of a table.
type happening struct {
	version

	word string
	key  string
}

// table is all objects of one kind, with as much of their past as is remembered. The server's lock guards it.
type table struct {
	kind    Kind
	objects map[string][]version
	keys    []string
	history []happening
	// news is closed at the next change.
	news chan struct{}
}

func newTable(kind Kind) *table {
	return &table{kind: kind, objects: map[string][]version{}, news: make(chan struct{})}
}

// now is an object as it is.
func (t *table) now(key string) (version, bool) {
	past := t.objects[key]
	if len(past) == 0 || past[len(past)-1].text == nil {
		return version{}, false
	}
	return past[len(past)-1], true
}

// at is an object as it was at a version of the server.
func (t *table) at(key string, number int64) (version, bool) {
	past := t.objects[key]
	for i := len(past) - 1; i >= 0; i-- {
		if past[i].number <= number {
			return past[i], past[i].text != nil
		}
	}
	return version{}, false
}

// put adds a version of an object and tells those who watch.
func (t *table) put(word, key string, v version, gone []byte) {
	if _, known := t.objects[key]; !known {
		at := sort.SearchStrings(t.keys, key)
		t.keys = slices.Insert(t.keys, at, key)
	}
	t.objects[key] = append(t.objects[key], v)
	told := v
	if v.text == nil {
		told.text = gone
	}
	t.history = append(t.history, happening{version: told, word: word, key: key})
	close(t.news)
	t.news = make(chan struct{})
}

// forget forgets what was before a version.
func (t *table) forget(number int64) {
	from := sort.Search(len(t.history), func(i int) bool { return t.history[i].number > number })
	for _, past := range t.history[:from] {
		versions := t.objects[past.key]
		first := len(versions) - 1
		for first > 0 && versions[first].number > number {
			first--
		}
		if first < 0 {
			continue // it has been forgotten already
		}
		if versions = versions[first:]; len(versions) > 1 || versions[0].text != nil {
			t.objects[past.key] = slices.Clone(versions)
			continue
		}
		delete(t.objects, past.key)
		if at, found := slices.BinarySearch(t.keys, past.key); found {
			t.keys = slices.Delete(t.keys, at, at+1)
		}
	}
	t.history = slices.Clone(t.history[from:])
}

// page is objects of a prefix as they were at a version, behind a key, and the last key if there are more.
func (t *table) page(prefix, behind string, number int64, most int) (found []version, last string, left int) {
	first := sort.SearchStrings(t.keys, max(prefix, behind))
	for _, key := range t.keys[first:] {
		if !strings.HasPrefix(key, prefix) {
			break
		}
		if behind != "" && key <= behind {
			continue
		}
		v, there := t.at(key, number)
		if !there {
			continue
		}
		if most > 0 && len(found) == most {
			left++
			continue
		}
		found, last = append(found, v), key
	}
	return found, last, left
}

// since are the changes of a prefix after a version.
func (t *table) since(prefix string, number int64) []happening {
	from := sort.Search(len(t.history), func(i int) bool { return t.history[i].number > number })
	var found []happening
	for _, each := range t.history[from:] {
		if strings.HasPrefix(each.key, prefix) {
			found = append(found, each)
		}
	}
	return found
}

// line is a change as a watch tells it.
func line(word string, text []byte) []byte {
	return fmt.Appendf(nil, "{\"type\":%q,\"object\":%s}\n", word, text)
}
