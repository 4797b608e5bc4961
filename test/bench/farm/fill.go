package farm

import (
	"fmt"

	"crofthci.io/croft/test/bench/lightapi"
)

// object is an object of the whole cluster.
func object(name string, more map[string]any) map[string]any {
	made := map[string]any{"metadata": map[string]any{"name": name}}
	for field, value := range more {
		made[field] = value
	}
	return made
}

// Namespace is the name of a site's namespace. With all sites in one server each has namespaces of its own.
func (s Spec) Namespace(site, number int) string {
	if s.Joined {
		return fmt.Sprintf("site-%03d-team-%02d", site, number)
	}
	return fmt.Sprintf("team-%02d", number)
}

// fill puts into a server what a site has.
func (s Spec) fill(api *lightapi.Server, site int) error {
	steps := []func(*lightapi.Server, int) error{s.fillNamespaces, s.fillMachines}
	if !s.Joined || site == 0 {
		steps = append(steps, fillCluster)
	}
	for _, step := range steps {
		if err := step(api, site); err != nil {
			return err
		}
	}
	return nil
}

func (s Spec) fillNamespaces(api *lightapi.Server, site int) error {
	var spaces, bound []map[string]any
	for n := range Namespaces {
		name := s.Namespace(site, n)
		space := object(name, nil)
		space["metadata"].(map[string]any)["annotations"] = map[string]any{"field.cattle.io/projectId": fmt.Sprintf("c-m-%03d:p-%d", site, n/4)}
		spaces = append(spaces, space)
		if n < Shared {
			bound = append(bound, map[string]any{
				"metadata": map[string]any{"namespace": name, "name": "bench"},
				"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "bench-viewer"},
				"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": User}},
			})
		}
	}
	if err := api.Fill(namespaces, spaces...); err != nil {
		return err
	}
	return api.Fill(bindings, bound...)
}

func (s Spec) fillMachines(api *lightapi.Server, site int) error {
	var vms, vmis []map[string]any
	for m := range s.Machines {
		vm, vmi := Machine(s.Namespace(site, m%Namespaces), site*s.Machines+m)
		if vms = append(vms, vm); vmi != nil {
			vmis = append(vmis, vmi)
		}
	}
	if err := api.Fill(machines, vms...); err != nil {
		return err
	}
	return api.Fill(instances, vmis...)
}

// fillCluster puts there what a cluster has once.
func fillCluster(api *lightapi.Server, _ int) error {
	for n := range Nodes {
		node := object(fmt.Sprintf("node-%d", n), map[string]any{
			"status": map[string]any{
				"capacity": map[string]any{"cpu": "64", "memory": "512Gi"}, "allocatable": map[string]any{"cpu": "62", "memory": "500Gi"},
				"conditions": []any{map[string]any{"type": "Ready", "status": "True"}},
			},
		})
		if err := api.Fill(nodes, node); err != nil {
			return err
		}
	}
	if err := api.Fill(clusterRoles, object("bench-viewer", map[string]any{"rules": []any{map[string]any{
		"apiGroups": []any{"kubevirt.io"}, "resources": []any{"virtualmachines", "virtualmachineinstances"}, "verbs": []any{"get", "list", "watch"},
	}}})); err != nil {
		return err
	}
	if err := fillMasters(api); err != nil {
		return err
	}
	return api.Fill(definitions, definition(machines), definition(instances))
}

// fillMasters puts there what every API server makes for those who may do everything.
func fillMasters(api *lightapi.Server) error {
	role := object("cluster-admin", map[string]any{"rules": []any{map[string]any{"apiGroups": []any{"*"}, "resources": []any{"*"}, "verbs": []any{"*"}}}})
	if err := api.Fill(clusterRoles, role); err != nil {
		return err
	}
	return api.Fill(clusterRoleBindings, object("cluster-admin", map[string]any{
		"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:masters"}},
	}))
}

// definition is the kind's definition, with the columns that KubeVirt's own has.
func definition(kind lightapi.Kind) map[string]any {
	return object(kind.Resource+"."+kind.Group, map[string]any{
		"spec": map[string]any{
			"group": kind.Group, "scope": "Namespaced",
			"names": map[string]any{"kind": kind.Kind, "plural": kind.Resource, "singular": kind.Kind, "listKind": kind.Kind + "List"},
			"versions": []any{map[string]any{
				"name": kind.Version, "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
				"additionalPrinterColumns": []any{
					map[string]any{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
					map[string]any{"name": "Status", "type": "string", "jsonPath": ".status.printableStatus"},
				},
			}},
		},
		"status": map[string]any{"conditions": []any{map[string]any{"type": "Established", "status": "True"}}},
	})
}
