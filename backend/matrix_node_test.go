package main

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/node"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

var nodeSheet = sheet{
	file: "nodes.golden.md", noun: "a node", at: nodesPath, actions: node.Actions, links: []string{"update", "remove"},
	subject: nodeOf, stances: nodeStances,
}

// nodeOf is what the actions of a node look at.
func nodeOf(t *testing.T, name string) any {
	t.Helper()
	all := &corev1.NodeList{}
	if err := site.admin.List(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	n := node.Node{Node: read(t, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}})}
	n.Last, n.Kept = node.Last(name, all.Items), node.Kept(n.Node, all.Items)
	return n
}

// nodeStances are the states that a node can be in.
var nodeStances = []stance{
	{"active", func(t *testing.T, name string) { joined(t, name) }},
	{"the last", func(t *testing.T, name string) {
		joined(t, name)
		for _, other := range []string{"a", "b", "c"} {
			open(t, other)
			away := read(t, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: other}})
			away.Spec.Unschedulable = true
			if err := site.admin.Update(t.Context(), away); err != nil {
				t.Fatal(err)
			}
		}
	}},
	{"cordoned", func(t *testing.T, name string) { joined(t, name, cordoned) }},
	{"entering maintenance", func(t *testing.T, name string) {
		joined(t, name, cordoned, noting(harvesterv1.AnnotationMaintainStatus, "running"))
	}},
	{"stuck on its way", func(t *testing.T, name string) {
		joined(t, name, cordoned, noting(harvesterv1.AnnotationMaintainStatus, "running"),
			noting(harvesterv1.AnnotationMaintainProblem, "default/web cannot be migrated"))
	}},
	{"in maintenance", func(t *testing.T, name string) {
		joined(t, name, cordoned, noting(harvesterv1.AnnotationMaintainStatus, harvesterv1.MaintenanceCompleted))
	}},
	{"a witness", func(t *testing.T, name string) { joined(t, name, labelled(harvesterv1.LabelWitness)) }},
	{"pinning", func(t *testing.T, name string) { joined(t, name, labelled(kubevirt.CPUManagerLabel)) }},
	{"needed by the control plane", func(t *testing.T, name string) {
		const label = "node-role.kubernetes.io/control-plane"
		joined(t, name, labelled(label))
		joined(t, name+"-two", labelled(label))
		joined(t, name+"-three", labelled(label), cordoned, noting(harvesterv1.AnnotationMaintainStatus, harvesterv1.MaintenanceCompleted))
	}},
	{"not ready", func(t *testing.T, name string) {
		gone := joined(t, name)
		gone.Status.Conditions[0].Status = corev1.ConditionUnknown
		if err := site.admin.Status().Update(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
	}},
}

func cordoned(n *corev1.Node) { n.Spec.Unschedulable = true }

func noting(key, value string) func(*corev1.Node) {
	return func(n *corev1.Node) {
		if n.Annotations == nil {
			n.Annotations = map[string]string{}
		}
		n.Annotations[key] = value
	}
}

func labelled(key string) func(*corev1.Node) {
	return func(n *corev1.Node) { n.Labels = map[string]string{key: "true"} }
}

// joined is a node that is there and well.
func joined(t *testing.T, name string, changes ...func(*corev1.Node)) *corev1.Node {
	t.Helper()
	made := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for _, change := range changes {
		change(made)
	}
	create(t, made)
	made.Spec.Taints = nil // the API server taints new nodes, and there is no controller to take it back
	if err := site.admin.Update(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	made.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	if err := site.admin.Status().Update(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	return made
}
