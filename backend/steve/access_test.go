package steve

import (
	"testing"

	"github.com/rancher/steve/pkg/accesscontrol"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/backend/capability"
)

func TestMay(t *testing.T) {
	const group = "subresources.kubevirt.io"
	stop := capability.Permission{Verb: "update", Group: group, Resource: "virtualmachines/stop"}
	everywhere := accesscontrol.Access{Namespace: accesscontrol.All, ResourceName: accesscontrol.All}
	cases := map[string]struct {
		reason   string
		verb     string
		resource schema.GroupResource
		where    accesscontrol.Access
		want     bool
	}{
		"Exact":       {"the rule that KubeVirt's roles have", "update", schema.GroupResource{Group: group, Resource: "virtualmachines/stop"}, everywhere, true},
		"Everything":  {"an administrator's rule", "*", schema.GroupResource{Group: "*", Resource: "*"}, everywhere, true},
		"AnyResource": {"the one wildcard for a subresource that RBAC knows", "update", schema.GroupResource{Group: group, Resource: "*/stop"}, everywhere, true},
		"OtherVerb":   {"to read is not to stop", "get", schema.GroupResource{Group: group, Resource: "virtualmachines/stop"}, everywhere, false},
		"OtherGroup":  {"the machine itself is another resource", "update", schema.GroupResource{Group: "kubevirt.io", Resource: "virtualmachines"}, everywhere, false},
		"OtherSub":    {"to start is not to stop", "update", schema.GroupResource{Group: group, Resource: "virtualmachines/start"}, everywhere, false},
		"Parent":      {"a right to a resource is none to what is below it", "update", schema.GroupResource{Group: group, Resource: "virtualmachines"}, everywhere, false},
		"Here":        {"a right in the namespace", "update", schema.GroupResource{Group: group, Resource: "virtualmachines/stop"}, accesscontrol.Access{Namespace: "default", ResourceName: accesscontrol.All}, true},
		"Elsewhere":   {"a right in another", "update", schema.GroupResource{Group: group, Resource: "virtualmachines/stop"}, accesscontrol.Access{Namespace: "other", ResourceName: accesscontrol.All}, false},
		"ByName":      {"a right to this machine alone", "update", schema.GroupResource{Group: group, Resource: "virtualmachines/stop"}, accesscontrol.Access{Namespace: "default", ResourceName: "web"}, true},
		"ByOtherName": {"a right to another machine alone", "update", schema.GroupResource{Group: group, Resource: "virtualmachines/stop"}, accesscontrol.Access{Namespace: "default", ResourceName: "db"}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			set := &accesscontrol.AccessSet{}
			set.Add(tc.verb, tc.resource, tc.where)
			if got := may(set)(stop, "default", "web"); got != tc.want {
				t.Errorf("%s: %v", tc.reason, got)
			}
		})
	}
}
