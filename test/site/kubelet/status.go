package kubelet

import (
	"net/netip"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Running is the status of a pod whose containers all run. Ready still waits
// for the pod's readiness gates.
func Running(pod *corev1.Pod, host, address netip.Addr, now time.Time) corev1.PodStatus {
	s := *pod.Status.DeepCopy()
	start := metav1.NewTime(now)
	if s.StartTime != nil {
		start = *s.StartTime
	}
	s.Phase, s.StartTime, s.Reason, s.Message = corev1.PodRunning, &start, "", ""
	setAddresses(&s, pod, host, address)
	s.InitContainerStatuses = containers(pod.Spec.InitContainers, s.InitContainerStatuses, func(c corev1.Container) corev1.ContainerState {
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			return runningState(start)
		}
		return terminatedState(start, 0, "")
	})
	s.ContainerStatuses = containers(pod.Spec.Containers, s.ContainerStatuses, func(corev1.Container) corev1.ContainerState {
		return runningState(start)
	})
	ready := corev1.ConditionTrue
	if !gatesOpen(pod) {
		ready = corev1.ConditionFalse
	}
	setCondition(&s, corev1.PodReadyToStartContainers, corev1.ConditionTrue, "", now)
	setCondition(&s, corev1.PodInitialized, corev1.ConditionTrue, "", now)
	setCondition(&s, corev1.ContainersReady, corev1.ConditionTrue, "", now)
	setCondition(&s, corev1.PodReady, ready, reasonOf(ready), now)
	return s
}

// Ended is the status of a pod whose containers have ended with a status and a
// last message: Succeeded for 0, else Failed.
func Ended(pod *corev1.Pod, code int32, message string, now time.Time) corev1.PodStatus {
	s := *pod.Status.DeepCopy()
	s.Phase = corev1.PodSucceeded
	if code != 0 {
		s.Phase = corev1.PodFailed
	}
	start := metav1.NewTime(now)
	if s.StartTime != nil {
		start = *s.StartTime
	}
	over := func(corev1.Container) corev1.ContainerState {
		state := terminatedState(start, code, message)
		state.Terminated.FinishedAt = metav1.NewTime(now)
		return state
	}
	s.InitContainerStatuses = containers(pod.Spec.InitContainers, done(s.InitContainerStatuses), over)
	s.ContainerStatuses = containers(pod.Spec.Containers, nil, over)
	setCondition(&s, corev1.ContainersReady, corev1.ConditionFalse, "PodCompleted", now)
	setCondition(&s, corev1.PodReady, corev1.ConditionFalse, "PodCompleted", now)
	return s
}

// done keeps the statuses of containers that have ended before the pod did.
func done(list []corev1.ContainerStatus) []corev1.ContainerStatus {
	return slices.DeleteFunc(slices.Clone(list), func(c corev1.ContainerStatus) bool { return c.State.Terminated == nil })
}

func setAddresses(s *corev1.PodStatus, pod *corev1.Pod, host, address netip.Addr) {
	if pod.Spec.HostNetwork {
		address = host
	}
	s.HostIP, s.PodIP = host.String(), address.String()
	s.HostIPs = []corev1.HostIP{{IP: s.HostIP}}
	s.PodIPs = []corev1.PodIP{{IP: s.PodIP}}
}

func containers(specs []corev1.Container, old []corev1.ContainerStatus, state func(corev1.Container) corev1.ContainerState) []corev1.ContainerStatus {
	var list []corev1.ContainerStatus
	for _, c := range specs {
		if i := slices.IndexFunc(old, func(s corev1.ContainerStatus) bool { return s.Name == c.Name }); i >= 0 {
			list = append(list, old[i])
			continue
		}
		st := state(c)
		started := st.Running != nil
		list = append(list, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, ImageID: c.Image, ContainerID: "croft://" + c.Name,
			State: st, Started: &started,
			Ready: started || (st.Terminated != nil && st.Terminated.ExitCode == 0),
		})
	}
	return list
}

func runningState(start metav1.Time) corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: start}}
}

func terminatedState(start metav1.Time, code int32, message string) corev1.ContainerState {
	reason := "Completed"
	if code != 0 {
		reason = "Error"
	}
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, Message: message, StartedAt: start, FinishedAt: start,
	}}
}

// gatesOpen is true when every readiness gate's condition holds.
func gatesOpen(pod *corev1.Pod) bool {
	for _, gate := range pod.Spec.ReadinessGates {
		open := slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == gate.ConditionType && c.Status == corev1.ConditionTrue
		})
		if !open {
			return false
		}
	}
	return true
}

func reasonOf(ready corev1.ConditionStatus) string {
	if ready == corev1.ConditionTrue {
		return ""
	}
	return "ReadinessGatesNotReady"
}

func setCondition(s *corev1.PodStatus, kind corev1.PodConditionType, status corev1.ConditionStatus, reason string, now time.Time) {
	i := slices.IndexFunc(s.Conditions, func(c corev1.PodCondition) bool { return c.Type == kind })
	if i < 0 {
		s.Conditions = append(s.Conditions, corev1.PodCondition{Type: kind})
		i = len(s.Conditions) - 1
	}
	c := &s.Conditions[i]
	if c.Status != status {
		c.LastTransitionTime = metav1.NewTime(now)
	}
	c.Status, c.Reason = status, reason
}
