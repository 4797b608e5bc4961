package registration

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/pkg/rancher/management"
)

// labelHarvester on any node makes a cluster a site, as Rancher's provider
// detector has it.
const labelHarvester = "harvesterhci.io/managed"

// probeTime bounds how long a cluster may think about how it is.
const probeTime = 10 * time.Second

// view is what was seen of a cluster.
type view struct {
	connected bool
	trouble   error
	version   *management.Version
	nodes     []corev1.Node
}

// look asks a cluster how it is.
func (r *registrar) look(ctx context.Context, cluster string) view {
	if !r.Clusters.Connected(cluster) {
		return view{}
	}

	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()

	config, err := r.Clusters.Config(ctx, cluster)
	if err != nil {
		return view{connected: true, trouble: err}
	}

	config.Timeout = probeTime

	site, err := kubernetes.NewForConfig(config)
	if err != nil {
		return view{connected: true, trouble: err}
	}

	version, err := site.Discovery().ServerVersion()
	if err != nil {
		return view{connected: true, trouble: err}
	}

	nodes, err := site.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return view{connected: true, trouble: err}
	}

	return view{connected: true, nodes: nodes.Items, version: &management.Version{
		Major: version.Major, Minor: version.Minor, GitVersion: version.GitVersion, Platform: version.Platform,
	}}
}

// again is when to look next; a tunnel that comes or goes calls by itself.
func (v view) again() ctrl.Result {
	if !v.connected {
		return ctrl.Result{}
	}

	if v.trouble != nil {
		return ctrl.Result{RequeueAfter: time.Second}
	}

	return ctrl.Result{RequeueAfter: probeEvery}
}

// write puts what was seen into a status. What was known of a cluster that is
// away stays.
func (v view) write(status *management.ClusterStatus, now time.Time) {
	connected := condition(management.ConditionConnected, v.connected, "Disconnected", "the cluster's agent has no tunnel to this server")
	ready := condition(management.ConditionReady, v.connected && v.trouble == nil, "Disconnected", "the cluster's agent has no tunnel to this server")

	if v.trouble != nil {
		ready.Reason, ready.Message = "Error", "the cluster does not answer: "+v.trouble.Error()
	}

	status.Conditions, _ = management.SetCondition(status.Conditions, connected, now)
	status.Conditions, _ = management.SetCondition(status.Conditions, ready, now)

	if v.connected {
		status.Conditions, _ = management.SetCondition(status.Conditions, condition(management.ConditionProvisioned, true, "", ""), now)
	}

	if !v.connected || v.trouble != nil {
		return
	}

	status.Version = v.version
	status.NodeCount = len(v.nodes)
	status.Capacity = sum(v.nodes, func(n *corev1.Node) corev1.ResourceList { return n.Status.Capacity })
	status.Allocatable = sum(v.nodes, func(n *corev1.Node) corev1.ResourceList { return n.Status.Allocatable })

	if provider := providerOf(v.nodes); provider != "" {
		status.Provider = provider
	}
}

func condition(kind string, good bool, reason, message string) management.Condition {
	if good {
		return management.Condition{Type: kind, Status: corev1.ConditionTrue}
	}

	return management.Condition{Type: kind, Status: corev1.ConditionFalse, Reason: reason, Message: message}
}

// providerOf tells what kind of cluster nodes make; empty means unknown.
func providerOf(nodes []corev1.Node) string {
	for i := range nodes {
		if _, ok := nodes[i].Labels[labelHarvester]; ok {
			return management.ProviderHarvester
		}
	}

	return ""
}

// sum adds up cpu, memory and pods; the rest differs from node to node.
func sum(nodes []corev1.Node, of func(*corev1.Node) corev1.ResourceList) corev1.ResourceList {
	total := corev1.ResourceList{}

	for i := range nodes {
		have := of(&nodes[i])
		for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourcePods} {
			quantity, ok := have[name]
			if !ok {
				continue
			}

			value, ok := total[name]
			if !ok {
				value = resource.Quantity{Format: quantity.Format}
			}

			value.Add(quantity)
			total[name] = value
		}
	}

	return total
}
