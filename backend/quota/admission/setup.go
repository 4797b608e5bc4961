package admission

import (
	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
)

// Where the webhooks are served.
const (
	QuotaPath     = "/validate/resourcequotas"
	SnapshotPath  = "/validate/volumesnapshots"
	NamespacePath = "/validate/namespaces"
	PodPath       = "/validate/pods"
)

// site is what the rules know of the site.
type site struct {
	// direct reads from the API server itself: what was let in a moment ago counts.
	direct client.Reader
}

// SetUp adds the webhooks to the manager.
func SetUp(manager ctrl.Manager) error {
	s := site{direct: manager.GetAPIReader()}
	server := manager.GetWebhookServer()
	server.Register(QuotaPath, &webhook.Admission{
		Handler: admission.Validator[harvesterv1.ResourceQuota, *harvesterv1.ResourceQuota]{
			Fields: []admission.FieldCheck[*harvesterv1.ResourceQuota]{machinesNamed},
		},
	})
	server.Register(SnapshotPath, &webhook.Admission{
		Handler: admission.Validator[csi.VolumeSnapshot, *csi.VolumeSnapshot]{
			Checks: []admission.Check[*csi.VolumeSnapshot]{s.snapshotFits},
		},
	})
	server.Register(NamespacePath, &webhook.Admission{
		Handler: admission.Validator[corev1.Namespace, *corev1.Namespace]{
			Fields: []admission.FieldCheck[*corev1.Namespace]{quotaReadable},
			Checks: []admission.Check[*corev1.Namespace]{s.quotaStill, s.quotaEnough},
		},
	})
	server.Register(PodPath, &webhook.Admission{
		Handler: admission.Validator[corev1.Pod, *corev1.Pod]{Checks: []admission.Check[*corev1.Pod]{s.roomMeant}},
	})
	return nil
}
