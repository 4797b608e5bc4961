package kubelet

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// What a pod asks of multus, and what multus answers.
const (
	networksWanted = "k8s.v1.cni.cncf.io/networks"
	networksJoined = "k8s.v1.cni.cncf.io/network-status"
)

// network is one that a pod is on beside its own.
type network struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
	Interface string `json:"interface,omitempty"`
}

// join does what multus does when a pod is made: it puts the pod on the networks
// that it asks for, and says so. What a pod asks for later is not its business.
func (k *kubelet) join(ctx context.Context, pod *corev1.Pod) error {
	if pod.Annotations[networksWanted] == "" || pod.Annotations[networksJoined] != "" || pod.Status.Phase == corev1.PodRunning {
		return nil
	}
	joined, err := joinedOf(pod)
	if err != nil || joined == "" {
		return err
	}
	changed := pod.DeepCopy()
	changed.Annotations[networksJoined] = joined
	if err := k.site.Client.Patch(ctx, changed, client.MergeFrom(pod)); err != nil {
		return fmt.Errorf("join networks: %w", err)
	}
	changed.DeepCopyInto(pod)
	return nil
}

// joinedOf is what multus says of a pod, "" when the pod asks in a form that
// virt-controller does not use.
func joinedOf(pod *corev1.Pod) (string, error) {
	var wanted []network
	if json.Unmarshal([]byte(pod.Annotations[networksWanted]), &wanted) != nil {
		return "", nil
	}
	joined := []map[string]any{{"name": "site", "interface": "eth0", "default": true, "dns": map[string]any{}}}
	for _, n := range wanted {
		if n.Namespace == "" {
			n.Namespace = pod.Namespace
		}
		joined = append(joined, map[string]any{"name": n.Namespace + "/" + n.Name, "interface": n.Interface, "dns": map[string]any{}})
	}
	text, err := json.Marshal(joined)
	return string(text), err
}
