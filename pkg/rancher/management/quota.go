package management

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	// AnnotationQuota, on a namespace: a JSON object with what Rancher lets the namespace have of its project's quota. See
	// ParseQuota.
	AnnotationQuota = "field.cattle.io/resourceQuota"
	// LabelQuota, on a ResourceQuota of Kubernetes: "true" marks the one that Rancher makes of a namespace's AnnotationQuota.
	LabelQuota = "resourcequota.management.cattle.io/default-resource-quota"
)

// quotaNames are Rancher's words for what Kubernetes limits.
var quotaNames = map[string]corev1.ResourceName{
	"limitsCpu": corev1.ResourceLimitsCPU, "limitsMemory": corev1.ResourceLimitsMemory,
	"requestsCpu": corev1.ResourceRequestsCPU, "requestsMemory": corev1.ResourceRequestsMemory,
	"requestsStorage": corev1.ResourceRequestsStorage, "pods": corev1.ResourcePods, "services": corev1.ResourceServices,
	"servicesNodePorts": corev1.ResourceServicesNodePorts, "servicesLoadBalancers": corev1.ResourceServicesLoadBalancers,
	"secrets": corev1.ResourceSecrets, "configMaps": corev1.ResourceConfigMaps,
	"persistentVolumeClaims": corev1.ResourcePersistentVolumeClaims, "replicationControllers": corev1.ResourceReplicationControllers,
}

// ParseQuota reads AnnotationQuota, such as {"limit":{"limitsCpu":"4000m","limitsMemory":"8Gi"}}. What is empty, and what
// Kubernetes has no such word for, limits nothing.
func ParseQuota(annotation string) (corev1.ResourceList, error) {
	var read struct {
		Limit map[string]any `json:"limit"`
	}
	if annotation == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(annotation), &read); err != nil {
		return nil, fmt.Errorf(`is no JSON object such as {"limit":{"limitsCpu":"4000m","limitsMemory":"8Gi"}}: %w`, err)
	}
	limits := corev1.ResourceList{}
	for word, value := range read.Limit {
		text, isText := value.(string)
		name, known := quotaNames[word]
		if !isText || !known || text == "" {
			continue
		}
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be %q: %w", word, text, err)
		}
		limits[name] = quantity
	}
	return limits, nil
}
