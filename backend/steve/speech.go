package steve

import (
	"encoding/json"
	"net/url"
	"slices"
	"sync/atomic"

	"crofthci.io/croft/backend/capability"
)

// speech is what a capability says of an object. It is shared by all objects of which the same is said: nobody may
// change it.
type speech struct {
	// state is the state as it stands in metadata.state, nil where Steve's guess stands.
	state map[string]any
	// sentences say of each action why it cannot be done, or nothing when it can.
	sentences []string

	offers atomic.Pointer[[]*offer]
}

// mostOffers is to how many kinds of callers a speech is kept as it is made to them.
const mostOffers = 8

// offer is a speech to those who have the same rights to the actions.
type offer struct {
	rights string
	// actions are those that can be done, and what their addresses end with.
	actions []offered
	// unavailable is the JSON that says why the others cannot.
	unavailable json.RawMessage
}

type offered struct{ name, query string }

// to is the speech to who has some rights to the actions: for each of them a byte, granted or not.
func (s *speech) to(rights []byte, actions []capability.Action) *offer {
	var kept []*offer
	if known := s.offers.Load(); known != nil {
		kept = *known
	}
	for _, offer := range kept {
		if offer.rights == string(rights) {
			return offer
		}
	}
	fresh := s.offer(rights, actions)
	kept = slices.Insert(slices.Clone(kept[:min(len(kept), mostOffers-1)]), 0, fresh)
	s.offers.Store(&kept) // of two at once one is lost, and made again
	return fresh
}

func (s *speech) offer(rights []byte, actions []capability.Action) *offer {
	fresh := &offer{rights: string(rights)}
	unavailable := map[string]string{}
	for i, action := range actions {
		switch {
		case rights[i] != granted:
			unavailable[action.Name] = action.Permission.Sentence()
		case s.sentences[i] != "":
			unavailable[action.Name] = s.sentences[i]
		default:
			fresh.actions = append(fresh.actions, offered{action.Name, "?action=" + url.QueryEscape(action.Name)})
		}
	}
	t := &text{}
	_ = t.value(unavailable) // strings can always be written
	fresh.unavailable = t.bytes
	return fresh
}

// What a caller has to an action.
const (
	granted = '+'
	missing = '-'
)
