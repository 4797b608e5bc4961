package node

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/site"
)

const kubevirtNamespace = "kubevirt"

// createHandlerPod makes the pod by which virt-api and virt-controller find the
// handler of a node. The kubelet gives it the node's address.
func createHandlerPod(ctx context.Context, s *site.Site, n int) error {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: kubevirtNamespace,
			Name:      "virt-handler-" + s.NodeName(n),
			Labels: map[string]string{
				kubevirtv1.AppLabel:      "virt-handler",
				"app.kubernetes.io/name": "virt-handler",
			},
		},
		Spec: corev1.PodSpec{
			NodeName:           s.NodeName(n),
			HostNetwork:        true,
			ServiceAccountName: "kubevirt-handler",
			Containers:         []corev1.Container{{Name: "virt-handler", Image: "croft-site"}},
			Tolerations:        []corev1.Toleration{{Operator: corev1.TolerationOpExists}},
		},
	}
	if err := s.Client.Create(ctx, pod); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("virt-handler pod of node %s: %w", s.NodeName(n), err)
	}
	return nil
}
