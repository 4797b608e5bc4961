package importer

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// running is a pod whose containers run. last is how the run before ended.
func running(pod *corev1.Pod, restarts int32, last *corev1.ContainerStateTerminated, now time.Time, ready bool) change {
	return func(s *corev1.PodStatus) {
		s.Phase = corev1.PodRunning
		if s.StartTime == nil {
			s.StartTime = ptr.To(metav1.NewTime(now))
		}
		state := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(now)}}
		s.ContainerStatuses = containers(pod, restarts, state, last, ready)
		s.InitContainerStatuses = initContainers(pod, now)
		setReady(s, ready, "ContainersNotReady", now)
	}
}

// ready is a pod that answers its readiness probe from now on.
func ready(now time.Time) change {
	return func(s *corev1.PodStatus) {
		for i := range s.ContainerStatuses {
			s.ContainerStatuses[i].Ready = true
		}
		setReady(s, true, "", now)
	}
}

// ended is a pod that is over.
func ended(pod *corev1.Pod, restarts int32, last *corev1.ContainerStateTerminated) change {
	return func(s *corev1.PodStatus) {
		s.Phase = corev1.PodSucceeded
		if last.ExitCode != 0 {
			s.Phase = corev1.PodFailed
		}
		s.ContainerStatuses = containers(pod, restarts, corev1.ContainerState{Terminated: last}, nil, false)
		setReady(s, false, "PodCompleted", last.FinishedAt.Time)
	}
}

// crashed is a pod whose container has just failed and will be restarted.
func crashed(pod *corev1.Pod, restarts int32, last *corev1.ContainerStateTerminated) change {
	return func(s *corev1.PodStatus) {
		s.ContainerStatuses = containers(pod, restarts, corev1.ContainerState{Terminated: last}, nil, false)
		setReady(s, false, "ContainersNotReady", last.FinishedAt.Time)
	}
}

// waiting is a pod whose container failed before and is not restarted yet.
func waiting(pod *corev1.Pod, restarts int32, last *corev1.ContainerStateTerminated, pause time.Duration) change {
	return func(s *corev1.PodStatus) {
		state := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
			Reason: "CrashLoopBackOff",
			Message: fmt.Sprintf("back-off %s restarting failed container=%s pod=%s_%s(%s)",
				pause, pod.Spec.Containers[0].Name, pod.Name, pod.Namespace, pod.UID),
		}}
		s.ContainerStatuses = containers(pod, restarts, state, last, false)
	}
}

// terminated is how a run ended: status 0 with a message, or 1 with the error.
func terminated(started, finished time.Time, message string, err error) *corev1.ContainerStateTerminated {
	state := &corev1.ContainerStateTerminated{
		Reason: "Completed", Message: message,
		StartedAt: metav1.NewTime(started), FinishedAt: metav1.NewTime(finished),
	}
	if err != nil {
		state.ExitCode, state.Reason, state.Message = 1, "Error", truncated(err.Error())
	}
	return state
}

// truncated keeps what a kubelet would keep of a termination message.
func truncated(message string) string { return message[:min(len(message), 4096)] }

func containers(pod *corev1.Pod, restarts int32, state corev1.ContainerState, last *corev1.ContainerStateTerminated, ready bool) []corev1.ContainerStatus {
	var all []corev1.ContainerStatus
	for _, c := range pod.Spec.Containers {
		all = append(all, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, ImageID: c.Image, ContainerID: "croft://" + string(pod.UID) + "/" + c.Name,
			RestartCount: restarts, State: state, LastTerminationState: corev1.ContainerState{Terminated: last},
			Ready: ready, Started: ptr.To(state.Running != nil),
		})
	}
	return all
}

func initContainers(pod *corev1.Pod, now time.Time) []corev1.ContainerStatus {
	var all []corev1.ContainerStatus
	for _, c := range pod.Spec.InitContainers {
		all = append(all, corev1.ContainerStatus{
			Name: c.Name, Image: c.Image, ImageID: c.Image, Ready: true,
			State: corev1.ContainerState{Terminated: terminated(now, now, "", nil)},
		})
	}
	return all
}

func setReady(s *corev1.PodStatus, ready bool, reason string, now time.Time) {
	status := corev1.ConditionFalse
	if ready {
		status, reason = corev1.ConditionTrue, ""
	}
	for kind, c := range map[corev1.PodConditionType]corev1.PodCondition{
		corev1.PodInitialized:  {Status: corev1.ConditionTrue},
		corev1.ContainersReady: {Status: status, Reason: reason},
		corev1.PodReady:        {Status: status, Reason: reason},
	} {
		setCondition(s, kind, c, now)
	}
}

func setCondition(s *corev1.PodStatus, kind corev1.PodConditionType, c corev1.PodCondition, now time.Time) {
	c.Type, c.LastTransitionTime = kind, metav1.NewTime(now)
	for i, old := range s.Conditions {
		if old.Type != kind {
			continue
		}
		if old.Status == c.Status {
			c.LastTransitionTime = old.LastTransitionTime
		}
		s.Conditions[i] = c
		return
	}
	s.Conditions = append(s.Conditions, c)
}
