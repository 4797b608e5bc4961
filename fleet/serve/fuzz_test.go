package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// FuzzMessage sends what a hostile client may send over the websocket. It is followed or refused, by an error of which a
// person is told; and whatever is asked, and from whatever cursor, nothing is told of a row beyond the rights.
func FuzzMessage(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `[]`, `"x"`, `{}`, `{"resourceType":7}`, `{"resourceType":"virtualmachine"`, `{"debounceMs":1e99}`, `{"debounceMs":-1}`,
		`{"resourceType":"virtualmachine","cursor":"99999999999999999999999999.z"}`, `{"cursor":"-1"}`, `{"cursor":"1."}`, `{"cursor":".1"}`, `{"cursor":"9223372036854775807.zzzzzzzzzzzzz"}`,
		`{"resourceVersion":"0"}`, `{"resourceVersion":"-9223372036854775808"}`, `{"cursor":null,"resourceVersion":"1"}`,
		`{"id":"////"}`, `{"id":"c-m-near/one/web"}`, `{"id":"c-m-near/two/secret"}`, `{"namespace":"two"}`, `{"namespace":"\u0000"}`,
		`{"selector":"a in (b"}`, `{"selector":"a=b,!c,d notin (e,f)"}`, `{"selector":"` + strings.Repeat("a,", 5000) + `"}`,
		`{"filter":["state=Running","name~' OR 1=1 --"]}`, `{"filter":["metadata.labels[a]=\"b\\\""]}`, `{"filter":[""]}`, `{"filter":["` + strings.Repeat("name=a,", 1000) + `name=b"]}`,
		`{"projectsornamespaces":"p-x","projectsornamespaces!":"two"}`, `{"search":"%_\\","site":"Near"}`, `{"stop":true}`, `{"mode":"resource.changes","cursor":""}`, `{"mode":"\ud800"}`,
		strings.Repeat(`{"filter":`, 2000), strings.Repeat("[", 20_000),
	} {
		f.Add([]byte(seed))
	}
	h := newHall(f)
	h.bind(near, "one", "one", seeMachines, "boss")
	begun := h.rows.Revision()
	h.put(f, near, "one", "web", "Running")
	h.put(f, near, "two", "secret", "Running")
	h.put(f, near, "two", "gone", "Running")
	h.gone(f, near, "two", "gone")
	machines := newStore(h.access, h.rows.Types()[0])
	f.Fuzz(func(t *testing.T, text []byte) {
		var ask Subscribe
		if err := json.Unmarshal(text, &ask); err != nil {
			return // the client is told so
		}
		_ = ask.key()
		for _, revision := range []string{ask.ResourceVersion, fmt.Sprint(begun)} {
			ask.ResourceVersion = revision
			told, err := missedBy(machines, ask)
			if err != nil && !plain(err) {
				t.Errorf("%q is refused with %v", text, err)
			}
			for _, each := range told {
				if each.seen != nil && each.seen.key.Namespace == "two" {
					t.Errorf("%q is told of %s", text, each.seen.key.ID())
				}
			}
		}
	})
}

// missedBy is what somebody is told at first who asks for that.
func missedBy(s *store, ask Subscribe) ([]message, error) {
	w, err := newWatcher(s, rights.User{Name: "boss"}, ask)
	if err != nil {
		return nil, err
	}
	defer w.news.Stop()
	return w.missed(context.Background())
}

// plain says whether an error is one that is meant for the client.
func plain(err error) bool {
	var field *index.FieldError
	return errors.As(err, &field) || errors.Is(err, index.ErrTooOld) || errors.Is(err, errOtherView)
}
