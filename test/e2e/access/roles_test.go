package access

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// who may do a thing on a page.
type who int

const (
	nobody  who = iota // the page has no such button or entry
	admins             // the administrator alone
	editors            // a namespace's editor as well
)

// allows says whether a user of a role may do what is for w.
func (w who) allows(role string) bool {
	return w != nobody && role == "admin" || w == editors && role == "project-member"
}

// pageOfRole is what a page has, and for whom.
type pageOfRole struct {
	page, word string
	// own is set where the user's namespace has an object.
	own bool
	// create is for whom the button is that makes another, change for whom the last entries of a menu are: edit and delete.
	create, change who
}

// everyPage is every page of the menu but those that only tell: the overview, and what needs no object.
var everyPage = []pageOfRole{
	{page: "virtualmachines", word: "vm", own: true, change: editors},
	{page: "sites", word: "site", create: admins},
	{page: "nodes", word: "node", change: admins},
	{page: "images", word: "image", own: true, create: editors, change: editors},
	{page: "volumes", word: "volume", own: true, create: editors, change: editors},
	{page: "snapshots", word: "snapshot", own: true, change: editors},
	{page: "backups", word: "backup"},
	{page: "storageclasses", word: "storageclass", create: admins, change: admins},
	{page: "networks", word: "network"},
	{page: "loadbalancers", word: "loadbalancer"},
	{page: "templates", word: "template", own: true, create: editors, change: editors},
	{page: "keypairs", word: "keypair", own: true, create: editors, change: editors},
	{page: "cloudconfigs", word: "cloudconfig", own: true, create: editors, change: editors},
	{page: "quotas", word: "quota", create: admins, change: admins},
	{page: "settings", word: "setting", change: admins},
}

// TestRolesOnEveryPage opens every page as the administrator, as the editor of a namespace and as its reader: what each may
// not do is offered to nobody, and each button and entry that is disabled says why.
func TestRolesOnEveryPage(t *testing.T) {
	s := stage.Open(t)
	site := s.Site(t, "site-1")
	for name, role := range map[string]string{"reads-pages": "read-only", "edits-pages": "project-member", "rules-pages": "admin"} {
		t.Run(role, func(t *testing.T) {
			var pages []string
			for _, p := range everyPage {
				page := p.page + ":" + p.word
				if p.own {
					page += ":of-" + name
				}
				pages = append(pages, page)
			}
			env := map[string]string{"CROFT_PAGES": strings.Join(pages, ","), "CROFT_SITE_ID": site}
			user := s.Admin
			if role == "admin" {
				s.Admin.Must(t, "POST", "/k8s/clusters/"+site+"/api/v1/namespaces", object("v1", "Namespace", "", name, nil), nil)
			} else {
				user = member(t, s, site, name, role)
				env["CROFT_USER"], env["CROFT_PASSWORD"] = name, password
			}
			furnish(t, s, site, name)
			listed(t, user, machine{site, name, "of-" + name})
			var seen map[string]onPage
			s.Browse(t, &seen, env, "roles.mjs", role)
			for _, p := range everyPage {
				p.check(t, role, seen[p.page], "of-"+name)
			}
		})
	}
}

// onPage is what a page offers.
type onPage struct {
	Create  *entry
	Names   []string
	Entries []entry
	Said    []string
}

func (p pageOfRole) check(t *testing.T, role string, seen onPage, own string) {
	t.Helper()
	if p.own && !slices.Contains(seen.Names, own) {
		t.Errorf("%s does not show %s, but %v and %v", p.page, own, seen.Names, seen.Said)
	}
	if p.create != nobody {
		if seen.Create == nil {
			t.Errorf("%s has no button to make one", p.page)
		} else if seen.Create.Enabled != p.create.allows(role) || !seen.Create.Enabled && seen.Create.Reason == "" {
			t.Errorf("%s: to make one is offered %t, because %q", p.page, seen.Create.Enabled, seen.Create.Reason)
		}
	}
	for _, e := range seen.Entries {
		if !e.Enabled && e.Reason == "" {
			t.Errorf("%s: %s is disabled and does not say why", p.page, e.Entry)
		}
		if (e.Entry == "delete" || e.Entry == "edit") && e.Enabled && !p.change.allows(role) {
			t.Errorf("%s: %s is offered", p.page, e.Entry)
		}
		if e.Entry == "delete" && !e.Enabled && p.own && p.change.allows(role) {
			t.Errorf("%s: delete is refused: %s", p.page, e.Reason)
		}
	}
}

// object is an object of Kubernetes with a part of its own.
func object(version, kind, namespace, name string, more map[string]any) map[string]any {
	metadata := map[string]any{"name": name}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	made := map[string]any{"apiVersion": version, "kind": kind, "metadata": metadata}
	maps.Copy(made, more)
	return made
}

// furnish makes one object of each kind in a namespace of a site, all of one name.
func furnish(t *testing.T, s *stage.Stage, site, namespace string) {
	t.Helper()
	name, api := "of-"+namespace, "/k8s/clusters/"+site
	harvester := "/apis/harvesterhci.io/v1beta1/namespaces/" + namespace
	config := object("v1", "ConfigMap", namespace, name, map[string]any{"data": map[string]any{"cloudInit": "#cloud-config\n"}})
	config["metadata"].(map[string]any)["labels"] = map[string]any{"harvesterhci.io/cloud-init-template": "user"}
	for path, made := range map[string]map[string]any{
		"/api/v1/namespaces/" + namespace + "/persistentvolumeclaims": claim(name),
		"/api/v1/namespaces/" + namespace + "/configmaps":             config,
		"/apis/snapshot.storage.k8s.io/v1/namespaces/" + namespace + "/volumesnapshots": object("snapshot.storage.k8s.io/v1", "VolumeSnapshot", namespace, name,
			map[string]any{"spec": map[string]any{"source": map[string]any{"persistentVolumeClaimName": name}}}),
		harvester + "/virtualmachineimages": object("harvesterhci.io/v1beta1", "VirtualMachineImage", namespace, "image-"+name, // its own volume has its name
			map[string]any{"spec": map[string]any{"displayName": name, "sourceType": "download", "url": s.Images + "/" + stage.Tiny}}),
		harvester + "/keypairs": object("harvesterhci.io/v1beta1", "KeyPair", namespace, name,
			map[string]any{"spec": map[string]any{"publicKey": stage.NewKey(t).Public}}),
		harvester + "/virtualmachinetemplates": object("harvesterhci.io/v1beta1", "VirtualMachineTemplate", namespace, name,
			map[string]any{"spec": map[string]any{"description": "of a test"}}),
	} {
		s.Admin.Must(t, "POST", api+path, made, nil)
	}
	s.Admin.MakeMachine(t, site, stage.Diskless(namespace, name))
	t.Cleanup(func() { s.Remove(t, site, namespace, name) })
	s.WaitState(t, site, namespace, name, "Running", 2*time.Minute)
}
