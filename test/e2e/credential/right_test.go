package credential

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"crofthci.io/croft/fleet/driver"
	"crofthci.io/croft/test/e2e/stage"
)

// right is what somebody may do, or may not.
type right struct {
	verb, group, resource, namespace string
}

// ofGuest is what the stock cloud provider and CSI driver of RKE2 call in the namespace of the machines.
var ofGuest = []rbacv1.PolicyRule{
	{APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachines", "virtualmachineinstances"}, Verbs: []string{"get", "list", "watch"}},
	{APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachines"}, Verbs: []string{"patch"}},
	{APIGroups: []string{"subresources.kubevirt.io"}, Resources: []string{"virtualmachines/addvolume", "virtualmachines/removevolume"}, Verbs: []string{"update"}},
	{APIGroups: []string{"subresources.kubevirt.io"}, Resources: []string{"virtualmachineinstances/guestosinfo"}, Verbs: []string{"get"}},
	{APIGroups: []string{"loadbalancer.harvesterhci.io"}, Resources: []string{"loadbalancers"}, Verbs: []string{"get", "list", "watch", "create", "update", "delete"}},
	{APIGroups: []string{""}, Resources: []string{"persistentvolumeclaims"}, Verbs: []string{"get", "list", "watch", "create", "update", "patch", "delete"}},
	{APIGroups: []string{"snapshot.storage.k8s.io"}, Resources: []string{"volumesnapshots"}, Verbs: []string{"get", "list", "watch", "create", "delete"}},
}

// TestRights mints the two accesses of a guest cluster and asks the site's API server what each of them may do: everything
// that its programs call in their namespace, the same nowhere else, and nothing by which it could become more.
func TestRights(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	for _, tc := range []struct {
		account string
		order   map[string]any
		may     []rbacv1.PolicyRule
		never   []right
	}{
		{"rights", request(namespace, "rights"), ofGuest, []right{{"create", "kubevirt.io", "virtualmachines", namespace}, {"create", "", "secrets", namespace}}},
		{"rights.node-driver", map[string]any{
			"nodeDriverClusterRoleName": "harvesterhci.io:node-driver", "namespace": namespace, "serviceAccountName": "rights.node-driver",
		}, driver.Rights, []right{{"create", "", "persistentvolumeclaims", namespace}, {"update", "kubevirt.io", "virtualmachines", namespace}, {"list", "harvesterhci.io", "keypairs", namespace}}},
	} {
		t.Run(tc.account, func(t *testing.T) {
			var config string
			s.Admin.Must(t, "POST", stage.OfSite(id, "kubeconfig"), tc.order, &config)
			t.Cleanup(func() {
				s.Delete(t, stage.OfSite(id, "serviceaccounts/"+namespace+"/"+tc.account))
			})
			file := filepath.Join(t.TempDir(), "kubeconfig")
			if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			inForce(t, s, file)
			asks(t, s, file, rightsIn(tc.may, namespace), true)
			asks(t, s, file, append(rightsIn(tc.may, "kube-system"), tc.never...), false)
			asks(t, s, file, []right{
				{"get", "", "secrets", namespace}, {"list", "", "secrets", namespace}, {"create", "", "serviceaccounts/token", namespace},
				{"create", "rbac.authorization.k8s.io", "rolebindings", namespace}, {"bind", "rbac.authorization.k8s.io", "clusterroles", ""},
				{"create", "", "pods", namespace}, {"create", "", "pods/exec", namespace}, {"get", "subresources.kubevirt.io", "virtualmachineinstances/console", namespace},
				{"impersonate", "", "users", ""}, {"get", "", "nodes", ""}, {"list", "", "namespaces", ""},
			}, false)
		})
	}
}

// rightsIn are the single rights of rules in a namespace.
func rightsIn(rules []rbacv1.PolicyRule, namespace string) []right {
	var all []right
	for _, rule := range rules {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				all = append(all, right{verb, rule.APIGroups[0], resource, namespace})
			}
		}
	}
	return all
}

// asks has the API server review all rights at once, as whoever the kubeconfig is.
func asks(t *testing.T, s *stage.Stage, kubeconfig string, rights []right, want bool) {
	t.Helper()
	var reviews strings.Builder
	for _, r := range rights {
		resource, sub, _ := strings.Cut(r.resource, "/")
		fmt.Fprintf(&reviews, "---\napiVersion: authorization.k8s.io/v1\nkind: SelfSubjectAccessReview\nspec: {resourceAttributes: {verb: %q, group: %q, resource: %q, subresource: %q, namespace: %q}}\n",
			r.verb, r.group, resource, sub, r.namespace)
	}
	out := s.Kubectl(t, site, reviews.String(), "create", "--validate=false", "-f", "-", "-o", `jsonpath={.status.allowed}{"\n"}`, "--kubeconfig="+kubeconfig)
	answers := strings.Fields(out)
	if len(answers) != len(rights) {
		t.Fatalf("%d answers to %d questions: %s", len(answers), len(rights), out)
	}
	for i, r := range rights {
		if answers[i] != fmt.Sprint(want) {
			t.Errorf("%+v: allowed is %s", r, answers[i])
		}
	}
}
