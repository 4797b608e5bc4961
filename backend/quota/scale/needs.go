package scale

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	podresource "k8s.io/component-helpers/resource"
)

// NeedsOf is what pods like these take of the resources that a quota limits, by the quota's names for them.
func NeedsOf(quota corev1.ResourceList, pods []corev1.Pod) corev1.ResourceList {
	needs := corev1.ResourceList{}
	for i := range pods {
		// As Kubernetes' own quota counts a pod that has not started.
		requests := podresource.PodRequests(&pods[i], podresource.PodResourcesOptions{})
		limits := podresource.PodLimits(&pods[i], podresource.PodResourcesOptions{})
		for name := range quota {
			sum := needs[name]
			sum.Add(share(name, requests, limits))
			needs[name] = sum
		}
	}
	return needs
}

// share is what a pod takes of one resource of a quota.
func share(name corev1.ResourceName, requests, limits corev1.ResourceList) resource.Quantity {
	if name == corev1.ResourcePods || name == "count/pods" {
		return *resource.NewQuantity(1, resource.DecimalSI)
	}
	if of, limited := strings.CutPrefix(string(name), "limits."); limited {
		return limits[corev1.ResourceName(of)]
	}
	of, _ := strings.CutPrefix(string(name), "requests.")
	return requests[corev1.ResourceName(of)]
}
