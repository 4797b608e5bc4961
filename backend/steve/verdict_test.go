package steve

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
)

// TestVerdicts holds who is told what of an object, and when the capability has to look at it once more. The capability
// of this test tells those who may read secrets what is in one, and everybody how many nodes there are.
func TestVerdicts(t *testing.T) {
	lets := func(granted bool) func(*trial) { return func(c *trial) { c.mayRead = granted } }
	secret := func(version, word string) func(*trial) {
		return func(c *trial) { c.put(secretKind, "home/one", version, word) }
	}
	for name, test := range map[string]struct {
		steps []func(*trial)
		want  []string // after each step, and how often the capability has looked by then
	}{
		"nothing has changed": {
			steps: []func(*trial){lets(true), lets(true), lets(true)},
			want:  []string{"secret a, 0 nodes (1)", "secret a, 0 nodes (1)", "secret a, 0 nodes (1)"},
		},
		"who may see less comes second": {
			steps: []func(*trial){lets(true), lets(false), lets(true), lets(false)},
			want:  []string{"secret a, 0 nodes (1)", "no secret, 0 nodes (2)", "secret a, 0 nodes (2)", "no secret, 0 nodes (2)"},
		},
		"who may see less comes first": {
			steps: []func(*trial){lets(false), lets(true), lets(false)},
			want:  []string{"no secret, 0 nodes (1)", "secret a, 0 nodes (2)", "no secret, 0 nodes (2)"},
		},
		"what was seen changes": {
			steps: []func(*trial){lets(true), secret("2", "b"), lets(false), secret("3", "c"), lets(true)},
			want: []string{
				"secret a, 0 nodes (1)", "secret b, 0 nodes (2)", "no secret, 0 nodes (3)",
				"no secret, 0 nodes (3)", // he has not seen it, so nothing has changed for him
				"secret c, 0 nodes (4)",
			},
		},
		"what was seen goes and comes": {
			steps: []func(*trial){lets(true), func(c *trial) { c.remove(secretKind, "home/one") }, secret("4", "d")},
			want:  []string{"secret a, 0 nodes (1)", "secret , 0 nodes (2)", "secret d, 0 nodes (3)"},
		},
		"one more of what was counted": {
			steps: []func(*trial){lets(false), func(c *trial) { c.put(nodeKind, "node-1", "1", "") }, lets(false)},
			want:  []string{"no secret, 0 nodes (1)", "no secret, 1 nodes (2)", "no secret, 1 nodes (2)"},
		},
		"the object itself changes": {
			steps: []func(*trial){lets(true), func(c *trial) { c.object.SetResourceVersion("8") }, lets(true)},
			want:  []string{"secret a, 0 nodes (1)", "secret a, 0 nodes (2)", "secret a, 0 nodes (2)"},
		},
		"another object of the same name and version": {
			steps: []func(*trial){lets(true), func(c *trial) { c.object.SetUID("reborn") }},
			want:  []string{"secret a, 0 nodes (1)", "secret a, 0 nodes (2)"},
		},
		"an object without an identity": {
			steps: []func(*trial){func(c *trial) { c.object.SetUID("") }, lets(true)},
			want:  []string{"no secret, 0 nodes (1)", "secret a, 0 nodes (2)"},
		},
		"a kind that nothing is remembered of": {
			steps: []func(*trial){func(c *trial) { c.forget(nodeKind) }, func(*trial) {}},
			want:  []string{"no secret, 0 nodes (1)", "no secret, 0 nodes (2)"},
		},
		"a kind that cannot be read for a while": {
			steps: []func(*trial){func(c *trial) { c.broken = errors.New("not yet") }, func(c *trial) { c.broken = nil }},
			want:  []string{"no secret, -1 nodes (1)", "no secret, 0 nodes (2)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTrial(t)
			var got []string
			for _, step := range test.steps {
				step(c)
				said, err := c.court.judge(c.resource(), c.view(), c.object)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprintf("%s (%d)", said.sentences[0], c.looked))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestSpeechIsShared holds that what is said of many objects alike is kept once.
func TestSpeechIsShared(t *testing.T) {
	c := newTrial(t)
	var first *speech
	for i := range 10 {
		c.object.SetUID(types.UID(fmt.Sprint("uid-", i)))
		said, err := c.court.judge(c.resource(), c.view(), c.object)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = said
		}
		if said != first {
			t.Errorf("object %d has a speech of its own", i)
		}
	}
}

// TestSpeechTo holds that an offer is made for the rights that the caller has, however many kinds of callers there are.
func TestSpeechTo(t *testing.T) {
	actions := make([]capability.Action, 5)
	for i := range actions {
		actions[i] = capability.On(fmt.Sprint("act", i), func(any) string { return "" }, nil).Needs("update", corev1.SchemeGroupVersion, "things")
	}
	said := &speech{sentences: []string{"", "", "", "", "Not now."}}
	for range 2 {
		for mask := range 1 << 5 {
			rights := []byte("-----")
			for i := range rights {
				if mask&(1<<i) != 0 {
					rights[i] = granted
				}
			}
			offer := said.to(rights, actions)
			for i := range actions {
				offered := strings.Contains(fmt.Sprint(offer.actions), fmt.Sprint("act", i))
				if want := rights[i] == granted && said.sentences[i] == ""; offered != want {
					t.Errorf("rights %s: act%d is offered: %v", rights, i, offered)
				}
				sentence := map[bool]string{true: said.sentences[i], false: actions[i].Permission.Sentence()}[rights[i] == granted]
				if sentence != "" && !strings.Contains(string(offer.unavailable), sentence) {
					t.Errorf("rights %s: act%d is not explained in %s", rights, i, offer.unavailable)
				}
			}
		}
	}
}

var (
	secretKind = corev1.SchemeGroupVersion.WithKind("Secret")
	nodeKind   = corev1.SchemeGroupVersion.WithKind("Node")
)

// trial is a court with an object, a caller and a world.
type trial struct {
	cache.Cache // nothing else of it is asked

	stores  map[schema.GroupVersionKind]toolscache.Store
	court   court
	object  *unstructured.Unstructured
	mayRead bool
	broken  error
	looked  int
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	c := &trial{stores: map[schema.GroupVersionKind]toolscache.Store{}, object: &unstructured.Unstructured{Object: map[string]any{}}}
	c.object.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("ConfigMap"))
	c.object.SetUID("uid")
	c.object.SetResourceVersion("7")
	f := &facts{
		cache: c, scheme: clientgoscheme.Scheme, history: map[schema.GroupVersionKind]*history{},
	}
	f.synced = map[schema.GroupVersionKind]*atomic.Bool{}
	for _, kind := range []schema.GroupVersionKind{secretKind, nodeKind} {
		store := toolscache.NewStore(toolscache.MetaNamespaceKeyFunc)
		c.stores[kind], f.history[kind], f.synced[kind] = store, &history{}, &atomic.Bool{}
		f.synced[kind].Store(true)
		f.history[kind].store.Store(&store)
	}
	c.court = newCourt(f)
	c.put(secretKind, "home/one", "1", "a")
	return c
}

func (c *trial) put(kind schema.GroupVersionKind, key, version, word string) {
	namespace, name, _ := strings.Cut(key, "/")
	meta := metav1.ObjectMeta{Namespace: namespace, Name: name, ResourceVersion: version}
	var object client.Object = &corev1.Secret{ObjectMeta: meta, StringData: map[string]string{"word": word}}
	if kind == nodeKind {
		meta.Name, meta.Namespace = key, ""
		object = &corev1.Node{ObjectMeta: meta}
	}
	_ = c.stores[kind].Add(object)
	c.court.facts.history[kind].changes.Add(1)
}

func (c *trial) remove(kind schema.GroupVersionKind, key string) {
	object, _, _ := c.stores[kind].GetByKey(key)
	_ = c.stores[kind].Delete(object)
	c.court.facts.history[kind].changes.Add(1)
}

func (c *trial) forget(kind schema.GroupVersionKind) {
	c.court.facts.history[kind].store.Store(nil)
}

// Get reads one object.
func (c *trial) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	object, exists, _ := c.stores[secretKind].GetByKey(key.String())
	if !exists {
		return apierrors.NewNotFound(corev1.Resource("secrets"), key.Name)
	}
	object.(*corev1.Secret).DeepCopyInto(into.(*corev1.Secret))
	return nil
}

// List reads many objects.
func (c *trial) List(_ context.Context, into client.ObjectList, _ ...client.ListOption) error {
	for _, node := range c.stores[nodeKind].List() {
		into.(*corev1.NodeList).Items = append(into.(*corev1.NodeList).Items, *node.(*corev1.Node))
	}
	return c.broken
}

func (c *trial) view() capability.View {
	return capability.View{Facts: c.court.facts, May: func(capability.Permission, string, string) bool { return c.mayRead }}
}

// resource is a kind whose objects say what their capability knows.
func (c *trial) resource() capability.Resource {
	type subject struct{ text string }
	return capability.Resource{
		Kind: corev1.SchemeGroupVersion.WithKind("ConfigMap"),
		Read: capability.Reading(func(view capability.View, _ *unstructured.Unstructured) (subject, error) {
			c.looked++
			text := "no secret"
			if view.May(capability.Permission{Verb: "get", Resource: "secrets"}, "home", "one") {
				secret := &corev1.Secret{}
				err := view.Facts.Get(context.Background(), client.ObjectKey{Namespace: "home", Name: "one"}, secret)
				if client.IgnoreNotFound(err) != nil {
					return subject{}, err
				}
				text = "secret " + secret.StringData["word"]
			}
			nodes := &corev1.NodeList{}
			number := -1
			if view.Facts.List(context.Background(), nodes) == nil {
				number = len(nodes.Items)
			}
			return subject{fmt.Sprintf("%s, %d nodes", text, number)}, nil
		}),
		Actions: []capability.Action{capability.On("do", func(s subject) string { return s.text }, nil)},
	}
}
