package cdi

import (
	corev1 "k8s.io/api/core/v1"
)

// annotationPodPhase is how far the pod is that fills a claim, where CDI fills it by a pod.
const annotationPodPhase = "cdi.kubevirt.io/storage.pod.phase"

// Filling says whether CDI is still filling a claim. A claim that it fills by a populator is not bound until then.
func Filling(claim *corev1.PersistentVolumeClaim) bool {
	phase := claim.Annotations[annotationPodPhase]
	return phase != "" && phase != string(corev1.PodSucceeded)
}

// labelComponent says what a pod of CDI's does, and copySource that it reads a claim for a copy. See pkg/common of CDI v1.65.
const (
	labelComponent = "cdi.kubevirt.io"
	copySource     = "cdi-clone-source"
)

// Copies says whether a pod is CDI's own, which reads a claim to copy it.
func Copies(pod *corev1.Pod) bool {
	return pod.Labels[labelComponent] == copySource
}
