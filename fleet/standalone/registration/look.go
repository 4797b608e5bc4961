package registration

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/kubernetes"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/pkg/rancher/management"
)

// labelHarvester on any node makes a cluster a site, as Rancher's provider
// detector has it.
const labelHarvester = "harvesterhci.io/managed"

const (
	// probeTime bounds how long a cluster may think about how it is.
	probeTime = 10 * time.Second
	// probeLater is how long a cluster in trouble is left alone at most.
	probeLater = time.Minute
	// nodePage is how many nodes are asked for at once.
	nodePage = 100
	// mostNodes is what Kubernetes is made for.
	mostNodes = 5000
	// mostText is how much of a text of a cluster is kept.
	mostText = 256
)

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

	config, own, err := r.Clusters.Client(ctx, cluster)
	if err != nil {
		return view{connected: true, trouble: err}
	}

	site, err := kubernetes.NewForConfigAndClient(config, own)
	if err != nil {
		return view{connected: true, trouble: err}
	}

	running, err := serverVersion(ctx, site)
	if err != nil {
		return view{connected: true, trouble: err}
	}

	nodes, err := nodesOf(ctx, site)
	if err != nil {
		return view{connected: true, trouble: err}
	}

	return view{connected: true, nodes: nodes, version: &management.Version{
		Major: short(running.Major), Minor: short(running.Minor), GitVersion: short(running.GitVersion), Platform: short(running.Platform),
	}}
}

// serverVersion is /version within the time of the context, which the discovery
// client knows nothing of.
func serverVersion(ctx context.Context, site kubernetes.Interface) (*version.Info, error) {
	content, err := site.Discovery().RESTClient().Get().AbsPath("/version").Do(ctx).Raw()
	if err != nil {
		return nil, err
	}

	found := &version.Info{}
	if err := json.Unmarshal(content, found); err != nil {
		return nil, fmt.Errorf("the version cannot be read: %w", err)
	}

	return found, nil
}

// nodesOf lists a cluster's nodes in pages, up to the most that a cluster can have.
func nodesOf(ctx context.Context, site kubernetes.Interface) ([]corev1.Node, error) {
	var result []corev1.Node

	options := metav1.ListOptions{Limit: nodePage}

	for len(result) < mostNodes {
		page, err := site.CoreV1().Nodes().List(ctx, options)
		if err != nil {
			return nil, err
		}

		for i := range page.Items {
			have := &page.Items[i]
			result = append(result, corev1.Node{ObjectMeta: metav1.ObjectMeta{Labels: have.Labels}, Status: corev1.NodeStatus{
				Capacity: have.Status.Capacity, Allocatable: have.Status.Allocatable,
			}})
		}

		if page.Continue == "" {
			return result, nil
		}

		options.Continue = page.Continue
	}

	return nil, fmt.Errorf("the cluster shows more than %d nodes", mostNodes)
}

// short is what a cluster says of itself, as far as it is kept.
func short(text string) string {
	if runes := []rune(text); len(runes) > mostText {
		return string(runes[:mostText]) + "…"
	}

	return text
}

// again is when to look next: a cluster in trouble soon, and later the longer its
// trouble lasts. A tunnel that comes or goes calls by itself.
func (v view) again(conditions []management.Condition, now time.Time) ctrl.Result {
	if !v.connected {
		return ctrl.Result{}
	}

	if v.trouble == nil {
		return ctrl.Result{RequeueAfter: probeEvery}
	}

	return ctrl.Result{RequeueAfter: min(max(management.Since(conditions, management.ConditionReady, now)/2, time.Second), probeLater)}
}

// write puts what was seen into a status. What was known of a cluster that is
// away stays.
func (v view) write(status *management.ClusterStatus, now time.Time) {
	connected := condition(management.ConditionConnected, v.connected, "Disconnected", "the cluster's agent has no tunnel to this server")
	ready := condition(management.ConditionReady, v.connected && v.trouble == nil, "Disconnected", "the cluster's agent has no tunnel to this server")

	if v.trouble != nil {
		ready.Reason, ready.Message = "Error", "the cluster does not answer: "+short(v.trouble.Error())
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
