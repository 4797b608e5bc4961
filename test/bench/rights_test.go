package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/serve"
	"crofthci.io/croft/fleet/virtualmachine"
)

// BenchmarkRights asks the hub's own handler for pages as users with ever more namespaces, with rights that stay and with
// rights of which one site's change before each page: go test ./test/bench -run '^$' -bench Rights -benchtime 1x.
func BenchmarkRights(b *testing.B) {
	sites, machines := size("CROFT_BENCH_SITES", 20), size("CROFT_BENCH_MACHINES", 1000)
	for b.Loop() {
		rows, err := index.Open(b.Context(), b.TempDir(), []*index.Type{virtualmachine.Type, namespace.Type})
		if err != nil {
			b.Fatal(err)
		}
		for s := range sites {
			id := siteID(s)
			if err := rows.SetSite(b.Context(), index.Site{ID: id, Name: id, Connected: true, Synced: true, Complete: true}); err != nil {
				b.Fatal(err)
			}
			fill(b, rows, id, machines)
		}
		fmt.Printf("\n| %d sites × %d machines, a page of 100 over HTTP | CPU a page | p50 | p99 | after a change at one site, CPU a page |\n|---|---|---|---|---|\n", sites, machines)
		for _, namespaces := range []int{0, 10, 100, 1000, 5000} {
			confined(b, rows, sites, namespaces)
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// confined measures somebody who has so many namespaces over all sites; 0 are all.
func confined(b *testing.B, rows *index.Index, sites, namespaces int) {
	b.Helper()
	const hub = "_hub"
	book := rights.NewBook()
	ann := []rbacv1.Subject{{Kind: rbacv1.UserKind, Name: "ann"}}
	viewer := &rights.Object{Name: "viewer", Rules: []rbacv1.PolicyRule{{Verbs: []string{"get", "list"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}}
	ref := &rbacv1.RoleRef{Kind: "ClusterRole", Name: "viewer"}
	book.Put(hub, rights.ClusterRole, viewer)
	book.Put(hub, rights.ClusterRoleBinding, &rights.Object{Name: "ann", RoleRef: ref, Subjects: ann})
	for s := range sites {
		book.Put(siteID(s), rights.ClusterRole, viewer)
		if namespaces == 0 {
			book.Put(siteID(s), rights.ClusterRoleBinding, &rights.Object{Name: "ann", RoleRef: ref, Subjects: ann})
		}
	}
	bind := func(n int) {
		book.Put(siteID(n%sites), rights.RoleBinding, &rights.Object{Namespace: fmt.Sprintf("team-%d", n/sites), Name: "ann", RoleRef: ref, Subjects: ann})
	}
	for n := range namespaces {
		bind(n)
	}
	handler := serve.New(&serve.Access{Hub: hub, Book: book, Index: rows}, "")
	read := func() { readPage(b, handler) }
	read()
	const alone = 20
	still := spentOn(b, alone, read)
	times := together(8, 10, read)
	moving := spentOn(b, alone, func() {
		bind(0)
		read()
	})
	who := fmt.Sprintf("%d namespaces", namespaces)
	if namespaces == 0 {
		who = "everything"
	}
	fmt.Printf("| %s | %.1f ms | %.1f ms | %.1f ms | %.1f ms |\n", who, still, ms(times[len(times)/2]), ms(times[len(times)*99/100]), moving)
}

// spentOn is the CPU of one of so many calls, in milliseconds.
func spentOn(b *testing.B, times int, do func()) float64 {
	b.Helper()
	before := cpu(b)
	for range times {
		do()
	}
	return ms(cpu(b)-before) / float64(times)
}

func readPage(b *testing.B, handler http.Handler) {
	b.Helper()
	who := &user.DefaultInfo{Name: "ann", Groups: []string{user.AllAuthenticated}}
	asked := httptest.NewRequestWithContext(request.WithUser(b.Context(), who), http.MethodGet, "https://hub/v1/croft/virtualmachines?pagesize=100&sort=state", nil)
	asked.Header.Set("Accept", "application/json")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, asked)
	if answer.Code != http.StatusOK {
		b.Errorf("a page answered %d %s", answer.Code, answer.Body)
	}
}
