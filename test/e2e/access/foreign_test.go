package access

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/backend/virtualmachine"
	"crofthci.io/croft/test/e2e/stage"
)

// deed is something that a user tries with a machine that is not his.
type deed struct {
	name, method, path string
	body               any
}

// untouched has a user try everything that there is with a machine of others,
// on every way: each time he is refused, and the machine is as it was.
func untouched(t *testing.T, s *stage.Stage, user *stage.Client, m machine) {
	before := lookOf(t, s, m)
	for _, d := range deeds(t, s, m) {
		code, answer, err := user.Try(d.method, d.path, d.body)
		if err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		if !refused(code) {
			t.Errorf("%s: %d %s", d.name, code, answer)
		}
	}
	for _, console := range []string{"console", "vnc", "vnc?preserveSession=true"} {
		code, err := user.Knock(subresource(m, "virtualmachineinstances/"+console), "plain.kubevirt.io")
		if err != nil {
			t.Fatalf("%s: %v", console, err)
		}
		if !refused(code) {
			t.Errorf("%s: %d", console, code)
		}
	}
	hidden(t, user, "/v1/croft/virtualmachines/"+m.site+"/"+m.namespace+"/"+m.name)
	hidden(t, user, stage.MachinePath(m.site, m.namespace, m.name))
	hidden(t, user, kubernetes(m, "virtualmachines"))
	hidden(t, user, kubernetes(m, "virtualmachineinstances"))
	if after := lookOf(t, s, m); after != before {
		t.Errorf("it was %+v, and is %+v", before, after)
	}
}

// deeds are every action of the backend, by Steve and by Kubernetes' own verb,
// and what is done to any object.
func deeds(t *testing.T, s *stage.Stage, m machine) []deed {
	t.Helper()
	steve := stage.MachinePath(m.site, m.namespace, m.name)
	var all []deed
	for _, action := range virtualmachine.Actions {
		all = append(all, deed{action.Name, "POST", steve + "?action=" + action.Name, map[string]any{}})
		if resource := action.Permission.Resource; strings.Contains(resource, "/") {
			all = append(all, deed{action.Name + " as KubeVirt's verb", "PUT", subresource(m, resource), map[string]any{}})
		}
	}
	var object map[string]any
	s.Admin.Must(t, "GET", steve, nil, &object)
	object["spec"].(map[string]any)["runStrategy"] = "Halted"
	return append(all,
		deed{"edit", "PUT", steve, object},
		deed{"edit by Kubernetes", "PUT", kubernetes(m, "virtualmachines"), object},
		deed{"patch", "PATCH", kubernetes(m, "virtualmachines"), map[string]any{"spec": map[string]any{"runStrategy": "Halted"}}},
		deed{"delete", "DELETE", steve, nil},
		deed{"delete with disks", "DELETE", steve + "?removedDisks=a", nil},
		deed{"delete by Kubernetes", "DELETE", kubernetes(m, "virtualmachines"), nil},
		deed{"delete what runs", "DELETE", kubernetes(m, "virtualmachineinstances"), nil},
		deed{"create beside it", "POST", stage.OfSite(m.site, "kubevirt.io.virtualmachines"), stage.Diskless(m.namespace, "intruder")},
	)
}

// public is the namespace whose templates and images are everybody's to read.
const public = "harvester-public"

// onlyOwn looks at what the hub tells a user beside the list: the counts, the
// sites, and the changes since the subscription began.
func onlyOwn(t *testing.T, s *stage.Stage, user *stage.Client, own machine, told func() []string, others []machine) {
	t.Helper()
	var counts struct {
		Data []struct {
			Counts map[string]struct {
				Summary           struct{ Count int }
				Sites, Namespaces map[string]any
			}
		}
	}
	user.Must(t, "GET", "/v1/croft/counts", nil, &counts)
	for kind, count := range counts.Data[0].Counts {
		for site := range count.Sites {
			if site != own.site {
				t.Errorf("the count of %s tells of site %s", kind, site)
			}
		}
		for namespace := range count.Namespaces {
			if namespace != own.namespace && namespace != public {
				t.Errorf("the count of %s tells of namespace %s", kind, namespace)
			}
		}
	}
	if count := counts.Data[0].Counts["virtualmachine"].Summary.Count; count != 1 {
		t.Errorf("the user counts %d machines", count)
	}

	var sites struct{ Data []struct{ ID string } }
	user.Must(t, "GET", "/v1/croft/sites", nil, &sites)
	if len(sites.Data) != 1 || sites.Data[0].ID != own.site {
		t.Errorf("the user sees the sites %v", sites.Data)
	}

	for _, m := range append(others, own) {
		if m.site != own.site {
			hidden(t, user, "/v1/croft/sites/"+m.site)
		}
		s.Do(t, m.site, m.namespace, m.name, "pause", nil)
		s.WaitState(t, m.site, m.namespace, m.name, "Paused", time.Minute)
		s.Do(t, m.site, m.namespace, m.name, "unpause", nil)
		s.WaitState(t, m.site, m.namespace, m.name, "Running", time.Minute)
	}
	// His own came last: what was told of others would be there by now.
	stage.Eventually(t, "the user is told of his own machine", time.Minute, func() error {
		for _, notice := range told() {
			if strings.Contains(notice, own.name) && strings.Contains(notice, "Paused") {
				return nil
			}
		}
		return fmt.Errorf("told %q", told())
	})
	for _, notice := range told() {
		for _, m := range others {
			if strings.Contains(notice, m.name) || (m.site != own.site && strings.Contains(notice, m.site)) {
				t.Errorf("the user is told of %s: %s", m.name, notice)
			}
		}
	}
}

// look is what a deed would change of a machine.
type look struct {
	Generation       float64
	Machine, Running string
	Phase, Node      string
	Migrations       int
}

func lookOf(t *testing.T, s *stage.Stage, m machine) look {
	t.Helper()
	var object, instance struct {
		Metadata struct {
			UID        string
			Generation float64
		}
		Status struct{ Phase, NodeName string }
	}
	s.Admin.Must(t, "GET", kubernetes(m, "virtualmachines"), nil, &object)
	s.Admin.Must(t, "GET", kubernetes(m, "virtualmachineinstances"), nil, &instance)
	var migrations struct{ Items []json.RawMessage }
	s.Admin.Must(t, "GET", strings.TrimSuffix(kubernetes(m, "virtualmachineinstancemigrations"), "/"+m.name), nil, &migrations)
	return look{
		object.Metadata.Generation, object.Metadata.UID, instance.Metadata.UID,
		instance.Status.Phase, instance.Status.NodeName, len(migrations.Items),
	}
}

func kubernetes(m machine, resource string) string {
	return "/k8s/clusters/" + m.site + "/apis/kubevirt.io/v1/namespaces/" + m.namespace + "/" + resource + "/" + m.name
}

// subresource is the path of something like virtualmachines/stop.
func subresource(m machine, resource string) string {
	kind, verb, _ := strings.Cut(resource, "/")
	return "/k8s/clusters/" + m.site + "/apis/subresources.kubevirt.io/v1/namespaces/" + m.namespace + "/" + kind + "/" + m.name + "/" + verb
}
