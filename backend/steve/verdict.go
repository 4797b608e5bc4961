package steve

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/lru"

	"crofthci.io/croft/backend/capability"
)

// Verdicts are kept of so many objects, some hundred bytes each, and for each of them for so many kinds of callers: those
// who may see all that a capability looks at, and those who may see less. Most say the same of most objects.
const (
	mostJudged   = 4096
	mostCallers  = 4
	mostSpeeches = 256
)

// verdict is what a capability says of a version of an object to whoever is given the same evidence.
type verdict struct {
	*speech
	evidence
}

// judged are the verdicts on a version of an object, the latest first. Nobody changes one.
type judged struct {
	version  string
	verdicts []*verdict
}

// court keeps what capabilities say of objects for as long as they would say the same. What a caller may do is no part of
// it: that is asked for every row.
type court struct {
	facts    *facts
	judged   *lru.Cache
	speeches *lru.Cache
}

func newCourt(facts *facts) court {
	return court{facts: facts, judged: lru.New(mostJudged), speeches: lru.New(mostSpeeches)}
}

// judge is what a capability says of an object to whoever a view is for.
func (c court) judge(resource capability.Resource, view capability.View, of *unstructured.Unstructured) (*speech, error) {
	key, number := object{of.GroupVersionKind(), of.GetUID()}, of.GetResourceVersion()
	if key.uid == "" || number == "" {
		fresh, err := c.hear(resource, view, of)
		return fresh.speech, err
	}
	kept := c.of(key, number)
	for _, verdict := range kept {
		if verdict.stands(view, c.facts) {
			return verdict.speech, nil
		}
	}
	fresh, err := c.hear(resource, view, of)
	if err != nil || fresh.doubtful {
		return fresh.speech, err
	}
	kept = slices.Insert(slices.Clip(kept[:min(len(kept), mostCallers-1)]), 0, fresh)
	c.judged.Add(key, judged{number, kept})
	return fresh.speech, nil
}

// of are the verdicts on a version of an object.
func (c court) of(key object, number string) []*verdict {
	found, ok := c.judged.Get(key)
	if !ok || found.(judged).version != number {
		return nil
	}
	return found.(judged).verdicts
}

// hear has a capability look at an object.
func (c court) hear(resource capability.Resource, view capability.View, of *unstructured.Unstructured) (*verdict, error) {
	w := &witness{facts: c.facts}
	fresh := &verdict{speech: &speech{}}
	subject, err := read(resource, w.view(view), of)
	if err != nil {
		return fresh, err
	}
	var state capability.State
	sentences := make([]string, len(resource.Actions))
	err = unbroken(func() error {
		if resource.State != nil {
			state = resource.State(subject)
		}
		for i, action := range resource.Actions {
			sentences[i] = action.Unless(subject)
		}
		return nil
	})
	fresh.speech, fresh.evidence = c.said(resource, state, sentences), w.evidence
	return fresh, err
}

// said is a speech, the same one for all that is said in the same words: most machines of a site run, and most of the
// others do not.
func (c court) said(resource capability.Resource, state capability.State, sentences []string) *speech {
	words := append([]string{resource.Kind.String(), state.Name, state.Message, flags(state)}, sentences...)
	key := strings.Join(words, "\x00")
	if known, ok := c.speeches.Get(key); ok {
		return known.(*speech)
	}
	fresh := &speech{sentences: sentences}
	if resource.State != nil {
		fresh.state = stateOf(state)
	}
	c.speeches.Add(key, fresh)
	return fresh
}

func flags(state capability.State) string {
	flags := []byte("  ")
	if state.Transitioning {
		flags[0] = 't'
	}
	if state.Error {
		flags[1] = 'e'
	}
	return string(flags)
}
