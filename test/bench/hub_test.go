package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"

	"crofthci.io/croft/fleet/backup"
	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/image"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/loadbalancer"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/network"
	"crofthci.io/croft/fleet/node"
	"crofthci.io/croft/fleet/serve"
	"crofthci.io/croft/fleet/site"
	"crofthci.io/croft/fleet/snapshot"
	"crofthci.io/croft/fleet/storageclass"
	"crofthci.io/croft/fleet/template"
	"crofthci.io/croft/fleet/virtualmachine"
	"crofthci.io/croft/fleet/volume"
	"crofthci.io/croft/test/bench/farm"
)

// hubSite is the name under which the hub's own RBAC is in the book.
const hubSite = "_hub"

// followed are what is followed at each site, as by croft-fleet.
func followed() []*index.Type {
	return append([]*index.Type{
		virtualmachine.Type, node.Type, namespace.Type, volume.Type, image.Type, template.Type, storageclass.Type, snapshot.Type, backup.Type,
		network.Type, loadbalancer.Type,
	}, rights.Types()...)
}

// hub is what croft-fleet has, in this process: index, collectors, rights and handlers, without Rancher between.
type hub struct {
	folder string
	rows   *index.Index
	book   *rights.Book
	served http.Handler
	stop   context.CancelFunc
	group  sync.WaitGroup
}

// siteID is the id of a site of a farm.
func siteID(number int) string { return fmt.Sprintf("c-m-%08d", number) }

// openHub opens the index of a folder and serves it.
func openHub(ctx context.Context, folder string) (*hub, error) {
	rows, err := index.Open(ctx, filepath.Join(folder, "index"), append([]*index.Type{site.Type}, followed()...))
	if err != nil {
		return nil, err
	}
	h := &hub{folder: folder, rows: rows, book: rights.NewBook(), stop: func() {}}
	if err := h.book.Load(ctx, rows); err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	rows.OnEvent(func(event index.Event) {
		if _, err := h.book.Event(event); err != nil {
			panic(err) // the farm has no such role
		}
	})
	h.admit(farm.User)
	h.served = serve.New(&serve.Access{Hub: hubSite, Book: h.book, Index: rows, Sites: site.Type}, "")
	return h, nil
}

// admit lets somebody into every site, as Rancher does for members of clusters.
func (h *hub) admit(name string) {
	h.book.Put(hubSite, rights.ClusterRole, &rights.Object{Name: "member", Rules: []rbacv1.PolicyRule{{
		APIGroups: []string{"management.cattle.io"}, Resources: []string{"clusters"}, Verbs: []string{"get", "list"},
	}}})
	h.book.Put(hubSite, rights.ClusterRoleBinding, &rights.Object{
		Name: "member", RoleRef: &rbacv1.RoleRef{Kind: "ClusterRole", Name: "member"},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, Name: name}},
	})
}

// follow has a collector follow each site of a farm.
func (h *hub) follow(ctx context.Context, b testing.TB, f *farm.Farm, spec farm.Spec, budget collect.Budget) {
	b.Helper()
	ctx, h.stop = context.WithCancel(ctx)
	for number := range spec.Sites {
		id := siteID(number)
		c := &collect.Collector{ID: id, Config: f.Config(number), Types: followed(), Index: h.rows, Budget: budget}
		news := make(chan struct{}, 1)
		c.Report = func(collect.Health) {
			select {
			case news <- struct{}{}:
			default:
			}
		}
		h.group.Go(func() {
			if err := c.Run(ctx); err != nil {
				b.Errorf("follow %s: %v", id, err)
			}
		})
		h.group.Go(func() { h.note(ctx, id, c, news) })
	}
}

// note writes down how a site is, as package site does.
func (h *hub) note(ctx context.Context, id string, c *collect.Collector, news <-chan struct{}) {
	const fastest = 200 * time.Millisecond
	for {
		select {
		case <-ctx.Done():
			return
		case <-news:
		}
		_ = h.rows.SetSite(ctx, site.Freshness(id, "site "+id[len(id)-3:], c.Health())) // the next report says it again
		select {
		case <-ctx.Done():
			return
		case <-time.After(fastest):
		}
	}
}

// fresh says of how many sites everything is known and followed.
func (h *hub) fresh() int {
	count := 0
	for _, s := range h.rows.Sites() {
		if s.Complete && !s.Stale() {
			count++
		}
	}
	return count
}

// leave ends the collectors.
func (h *hub) leave() {
	h.stop()
	h.group.Wait()
}

// startHub starts a farm of sites, and a hub that follows all of them, until the benchmark ends.
func startHub(b testing.TB, spec farm.Spec, budget collect.Budget) (*farm.Farm, *hub) {
	b.Helper()
	f, err := farm.Start(spec)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := f.Stop(); err != nil {
			b.Error(err)
		}
	})
	h, err := openHub(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { h.close(b) })
	h.follow(b.Context(), b, f, spec, budget)
	return f, h
}

// close ends everything.
func (h *hub) close(b testing.TB) {
	b.Helper()
	h.leave()
	if err := h.rows.Close(); err != nil {
		b.Error(err)
	}
}

// Who asks: one who may see everything, and one who may see half of the namespaces of each site.
var (
	master     = &user.DefaultInfo{Name: "system:bench", Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated}}
	restricted = &user.DefaultInfo{Name: farm.User, Groups: []string{user.AllAuthenticated}}
)
