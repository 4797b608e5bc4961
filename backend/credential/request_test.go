package credential

import (
	"errors"
	"strings"
	"testing"

	"crofthci.io/croft/backend/capability"
)

func TestCheck(t *testing.T) {
	good := Input{
		CSIClusterRoleName: csiDriverRole, ClusterRoleName: cloudProviderRole, Namespace: "tenant", ServiceAccountName: "guest",
	}
	with := func(change func(*Input)) Input {
		changed := good
		change(&changed)
		return changed
	}
	cases := map[string]struct {
		reason string
		input  Input
		field  string
	}{
		"Full":        {"what Rancher sends", good, ""},
		"WithoutCSI":  {"not every guest has the CSI driver", with(func(i *Input) { i.CSIClusterRoleName = "" }), ""},
		"CloudInit":   {"scripts ask for files", with(func(i *Input) { i.OutputFormat = "yaml" }), ""},
		"Both":        {"a person may want all in one", with(func(i *Input) { i.NodeDriverClusterRoleName = nodeDriverRole }), ""},
		"DriverAlone": {"who makes machines need not be the guest", Input{NodeDriverClusterRoleName: nodeDriverRole, Namespace: "tenant", ServiceAccountName: "guest.node-driver"}, ""},
		"AdminDriver": {"nor is the third role any", with(func(i *Input) { i.NodeDriverClusterRoleName = "admin" }), "nodeDriverClusterRoleName"},
		"AdminAlone":  {"with a driver's role no other comes in", with(func(i *Input) { i.ClusterRoleName, i.NodeDriverClusterRoleName = "admin", nodeDriverRole }), "clusterRoleName"},
		"Admin":       {"a credential is for three roles only", with(func(i *Input) { i.ClusterRoleName = "cluster-admin" }), "clusterRoleName"},
		"NoRole":      {"without a role it can do nothing", with(func(i *Input) { i.ClusterRoleName = "" }), "clusterRoleName"},
		"AdminCSI":    {"nor is the other role any", with(func(i *Input) { i.CSIClusterRoleName = "admin" }), "csiclusterRoleName"},
		"Swapped":     {"each role has its place", with(func(i *Input) { i.CSIClusterRoleName = cloudProviderRole }), "csiclusterRoleName"},
		"NoNamespace": {"there is no default namespace", with(func(i *Input) { i.Namespace = "" }), "namespace"},
		"Path":        {"a name is no path", with(func(i *Input) { i.Namespace = "../kube-system" }), "namespace"},
		"NoName":      {"whose credential is it?", with(func(i *Input) { i.ServiceAccountName = "" }), "serviceAccountName"},
		"Colon":       {"names with a colon are the bindings'", with(func(i *Input) { i.ServiceAccountName = "a:b" }), "serviceAccountName"},
		"Format":      {"a form that nobody knows", with(func(i *Input) { i.OutputFormat = "xml" }), "outputFormat"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := errors.Join(checkRoles(tc.input), checkNames(tc.input))
			if tc.field == "" {
				if err != nil {
					t.Errorf("%s: %v", tc.reason, err)
				}
				return
			}
			var refusal *capability.InputError
			if !errors.As(err, &refusal) || refusal.Field != tc.field || !strings.Contains(refusal.Problem, tc.field) {
				t.Errorf("%s: want %s named, got %v", tc.reason, tc.field, err)
			}
		})
	}
}
