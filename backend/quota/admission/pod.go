package admission

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/quota/scale"
	"crofthci.io/croft/pkg/admission"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/rancher/management"
)

// roomMeant keeps the room that a quota has for a machine that moves from machines that wait to start. Every machine
// passes here when it starts, so little is asked while nothing moves.
func (s site) roomMeant(ctx context.Context, r admission.Request[*corev1.Pod]) error {
	if r.Old != nil || r.Object.Labels[kubevirt.AppLabel] != kubevirt.AppLauncher {
		return nil
	}
	quotas := &corev1.ResourceQuotaList{}
	within := client.InNamespace(r.Object.Namespace)
	if err := s.direct.List(ctx, quotas, within, client.MatchingLabels{management.LabelQuota: "true"}); err != nil {
		return fmt.Errorf("list the quotas of namespace %s: %w", r.Object.Namespace, err)
	}
	for i := range quotas.Items {
		if !scale.Raised(&quotas.Items[i]) {
			continue
		}
		pods := &corev1.PodList{}
		if err := s.direct.List(ctx, pods, within, client.MatchingLabels{kubevirt.AppLabel: kubevirt.AppLauncher}); err != nil {
			return fmt.Errorf("list the machines of namespace %s: %w", r.Object.Namespace, err)
		}
		if sentence := scale.Meant(&quotas.Items[i], pods.Items, r.Object); sentence != "" {
			return apierrors.NewForbidden(corev1.Resource("pods"), r.Object.Name, errors.New(sentence))
		}
	}
	return nil
}
