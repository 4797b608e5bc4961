package kubevirt

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	exportv1 "kubevirt.io/api/export/v1beta1"
)

// The kinds of an export.
type (
	// Export has KubeVirt offer the bytes of a claim, by a pod that serves them to those who know a token.
	Export = exportv1.VirtualMachineExport
	// ExportList is a list of Export.
	ExportList = exportv1.VirtualMachineExportList
)

// ExportGroupVersion is where exports are served.
var ExportGroupVersion = exportv1.SchemeGroupVersion

// ExportKind by its full name, and Exports as they stand in a URL and in RBAC rules.
var (
	ExportKind = ExportGroupVersion.WithKind("VirtualMachineExport")
	Exports    = ExportGroupVersion.WithResource("virtualmachineexports")
)

const (
	// exportLabel, on a pod that serves an export: the export's name.
	exportLabel = "kubevirt.io.virt-export-service"
	// ExportPort is where such a pod listens.
	ExportPort = 8443
	// ExportTokenHeader is the header that its clients show the token in.
	ExportTokenHeader = "X-Kubevirt-Export-Token"
	// ExportTokenKey is the token's key in its secret.
	ExportTokenKey = "token"
)

// ExportOf is the order to offer the bytes of a claim, for a time.
func ExportOf(namespace, name, claim string, time metav1.Duration) *Export {
	return &Export{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: exportv1.VirtualMachineExportSpec{
			Source:      corev1.TypedLocalObjectReference{APIGroup: ptr.To(""), Kind: "PersistentVolumeClaim", Name: claim},
			TTLDuration: &time,
		},
	}
}

// Offer is how the bytes of an export are had.
type Offer struct {
	// Service is the name of the service in the export's namespace; the pod's certificate is for it.
	Service string
	// Authorities sign that certificate, in PEM.
	Authorities []byte
	// Secret is the name of the secret with the token.
	Secret string
	// Pods are the labels of the pod.
	Pods map[string]string
}

// OfferOf is how the bytes of an export are had, or why they are not yet.
func OfferOf(export *Export) (offer Offer, waits string) {
	status := export.Status
	if status == nil || status.Phase != exportv1.Ready || status.Links == nil || status.Links.Internal == nil || status.TokenSecretRef == nil {
		return Offer{}, exportWaits(status)
	}
	return Offer{
		Service: status.ServiceName, Authorities: []byte(status.Links.Internal.Cert), Secret: *status.TokenSecretRef,
		Pods: map[string]string{exportLabel: export.Name},
	}, ""
}

// exportWaits is what KubeVirt says of an export that is not ready.
func exportWaits(status *exportv1.VirtualMachineExportStatus) string {
	if status != nil {
		for _, condition := range status.Conditions {
			if condition.Type == exportv1.ConditionReady && condition.Message != "" {
				return condition.Message
			}
		}
	}
	return "KubeVirt is preparing its export"
}

// ExportPath is where a pod serves the bytes of a claim as they are.
func ExportPath(claim string) string {
	return "/volumes/" + claim + "/disk.img"
}

// Offered is an export as KubeVirt makes it ready.
func Offered(export *Export, service, secret, authority string) *Export {
	offered := export.DeepCopy()
	offered.Status = &exportv1.VirtualMachineExportStatus{
		Phase: exportv1.Ready, ServiceName: service, TokenSecretRef: &secret,
		Links: &exportv1.VirtualMachineExportLinks{Internal: &exportv1.VirtualMachineExportLink{Cert: authority}},
	}
	return offered
}
