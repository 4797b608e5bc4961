package site

import (
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/fleet/index"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

// TestRemove looks at a Site whose cluster the cache does not know, or does not know to be a site.
func TestRemove(t *testing.T) {
	cluster := func(provider string) *management.Cluster {
		return &management.Cluster{
			ObjectMeta: metav1.ObjectMeta{Name: "c-1", Labels: map[string]string{management.LabelProvider: provider}},
		}
	}
	cases := map[string]struct {
		reason   string
		now, old []client.Object
		want     bool
	}{
		"Gone":      {"a site goes with its cluster", nil, nil, false},
		"New":       {"a cluster that the cache has not heard of has its site, and what people wrote on that", []client.Object{cluster("harvester")}, nil, true},
		"Changed":   {"so does one of whose provider it has not heard", []client.Object{cluster("harvester")}, []client.Object{cluster("")}, true},
		"Otherwise": {"a cluster that is no site has none", []client.Object{cluster("rke2")}, []client.Object{cluster("rke2")}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			rows, err := index.Open(t.Context(), t.TempDir(), []*index.Type{Type})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = rows.Close() })
			if err := rows.SetSite(t.Context(), index.Site{ID: "c-1", Name: "One"}); err != nil {
				t.Fatal(err)
			}
			behind := known(t, append(tc.old, &fleetv1.Site{ObjectMeta: metav1.ObjectMeta{Name: "c-1"}})...)
			c := &Controller{client: behind, live: known(t, tc.now...), fleet: &Fleet{Index: rows}}
			if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "c-1"}}); err != nil {
				t.Fatal(err)
			}
			err = behind.Get(t.Context(), client.ObjectKey{Name: "c-1"}, &fleetv1.Site{})
			if there := !apierrors.IsNotFound(err); there != tc.want {
				t.Errorf("%s: the Site is there: %t (%v)", tc.reason, there, err)
			}
			if _, there := rows.Site("c-1"); there != tc.want {
				t.Errorf("%s: its rows are there: %t", tc.reason, there)
			}
		})
	}
}

// known is a client that knows some objects.
func known(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()
	kinds := runtime.NewScheme()
	builder := runtime.SchemeBuilder{management.AddToScheme, fleetv1.AddToScheme}
	if err := builder.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(kinds).WithObjects(objects...).Build()
}

// TestFollows holds that a replica that does not lead writes no Site and takes none away, and shows those that it is given.
func TestFollows(t *testing.T) {
	rows, err := index.Open(t.Context(), t.TempDir(), []*index.Type{Type})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rows.Close() })
	if err := rows.SetSite(t.Context(), index.Site{ID: "c-1", Name: "One"}); err != nil {
		t.Fatal(err)
	}
	hub := known(t, &fleetv1.Site{ObjectMeta: metav1.ObjectMeta{Name: "c-1", ResourceVersion: "7"}, Spec: fleetv1.SiteSpec{DisplayName: "As Written"}})
	c := &Controller{client: hub, live: hub, fleet: &Fleet{Index: rows}}
	c.fleet.Follow()
	if err := c.take(t.Context(), "c-1"); err != nil {
		t.Fatal(err)
	}
	if err := c.take(t.Context(), "c-2"); err != nil {
		t.Errorf("a Site that the leader has not made yet is waited for: %v", err)
	}
	entry, err := rows.Get(t.Context(), Type, index.Key{Site: "c-1"})
	if err != nil || !strings.Contains(string(entry.Document), "As Written") {
		t.Errorf("the row is %s, %v", entry.Document, err)
	}
	if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "c-1"}}); err != nil {
		t.Fatal(err)
	}
	site := &fleetv1.Site{}
	if err := hub.Get(t.Context(), client.ObjectKey{Name: "c-1"}, site); err != nil || site.ResourceVersion != "7" {
		t.Errorf("the Site is the leader's to take away: %v, version %s", err, site.ResourceVersion)
	}
	if _, there := rows.Site("c-1"); there {
		t.Error("the own rows of a cluster that has gone are there")
	}
}
