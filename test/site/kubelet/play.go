package kubelet

import (
	"context"
	"net/netip"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/test/site/site"
)

// play hands a pod to the part that claimed it, once, and again after its node was
// stopped. It says when to look again: an interrupted player may be still at it.
func (k *kubelet) play(ctx context.Context, pod *corev1.Pod, play site.Play) time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	if before := k.plays[pod.UID]; before != nil {
		if !before.interrupted {
			return 0
		}
		if !before.over() {
			return heldAgain
		}
	}
	k.keepAddress(pod)
	ctx, stop := context.WithCancel(ctx)
	r := &running{stop: stop, done: make(chan struct{})}
	k.plays[pod.UID] = r
	go func() {
		defer close(r.done)
		defer stop()
		play(ctx, pod.DeepCopy())
	}()
	return 0
}

// interrupt ends what a pod does on a node that has stopped: a computer without
// power downloads nothing.
func (k *kubelet) interrupt(uid types.UID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r := k.plays[uid]; r != nil && !r.over() {
		r.interrupted = true
		r.stop()
	}
}

// stopped asks the player of a deleted pod to end and says whether it has.
func (k *kubelet) stopped(uid types.UID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	r := k.plays[uid]
	if r == nil {
		return true
	}
	r.stop()
	return r.over()
}

// over is true when the player has let go.
func (r *running) over() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// exit reads the annotations that make a pod end: its status, and how long it
// still runs.
func exit(pod *corev1.Pod, now time.Time) (code int32, left time.Duration, ends bool) {
	after, err := time.ParseDuration(pod.Annotations[ExitAfter])
	if err != nil {
		return 0, 0, false
	}
	if status, err := strconv.ParseInt(pod.Annotations[ExitCode], 10, 32); err == nil {
		code = int32(status)
	}
	if pod.Status.StartTime == nil {
		return code, after, true
	}
	return code, pod.Status.StartTime.Add(after).Sub(now), true
}

func parse(address string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(address)
	return a, err == nil
}
