package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/site"
)

const (
	// firstPause is how long a kubelet waits before the second restart of a
	// container that fails; each pause is twice the one before.
	firstPause   = 10 * time.Second
	longestPause = 5 * time.Minute
	// lookedAt is how long a container that has ended is seen as ended before it
	// is seen as waiting for its restart.
	lookedAt = time.Second
	// sayAgain is how often an API server that is away is told again.
	sayAgain = 250 * time.Millisecond
)

// errReplaced says that another pod has the name now.
var errReplaced = errors.New("the pod was replaced")

// pauseBefore is how long a container waits before its next start, by how often
// it has been restarted: a kubelet's first restart is at once.
func pauseBefore(restarts int32) time.Duration {
	if restarts == 0 {
		return 0
	}
	pause := firstPause
	for range restarts - 1 {
		pause = min(2*pause, longestPause)
	}
	return pause
}

// play runs a pod's program until it has ended well or the pod is deleted, and
// tells the API server what a kubelet would.
func play(ctx context.Context, s *site.Site, pod *corev1.Pod) {
	if err := playUntilDone(ctx, s, pod); err != nil && ctx.Err() == nil {
		s.Log.Warn("importer: a worker pod cannot be played", "pod", client.ObjectKeyFromObject(pod), "error", err)
	}
}

func playUntilDone(ctx context.Context, s *site.Site, pod *corev1.Pod) error {
	w := &worker{site: s, pod: pod, address: s.PodAddress(pod.UID), playing: ctx}
	run := programOf(pod)
	restarts := int32(0)
	if len(pod.Status.ContainerStatuses) > 0 {
		restarts = pod.Status.ContainerStatuses[0].RestartCount
	}
	var last *corev1.ContainerStateTerminated
	for {
		w.started = time.Now()
		if err := w.say(ctx, running(pod, restarts, last, w.started, w.readyAtOnce())); err != nil {
			return err
		}
		message, err := run(ctx, w)
		if ctx.Err() != nil {
			return nil // Somebody deleted the pod, or the site stops.
		}
		last = terminated(w.started, time.Now(), message, err)
		if err == nil {
			return w.say(ctx, ended(pod, restarts, last))
		}
		s.Log.Info("importer: a worker failed", "pod", client.ObjectKeyFromObject(pod), "error", err)
		if pod.Spec.RestartPolicy == corev1.RestartPolicyNever {
			return w.say(ctx, ended(pod, restarts, last))
		}
		if err := w.rest(ctx, restarts, last); err != nil {
			return err
		}
		restarts++
	}
}

// rest shows the container as ended, then as waiting, until its next start.
func (w *worker) rest(ctx context.Context, restarts int32, last *corev1.ContainerStateTerminated) error {
	if err := w.say(ctx, crashed(w.pod, restarts, last)); err != nil {
		return err
	}
	if err := pause(ctx, lookedAt); err != nil {
		return err
	}
	wait := pauseBefore(restarts)
	if wait == 0 {
		return nil
	}
	if err := w.say(ctx, waiting(w.pod, restarts, last, wait)); err != nil {
		return err
	}
	return pause(ctx, wait)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// change writes one step of a pod's life into its status.
type change func(*corev1.PodStatus)

// say tells the API server, and tries until it has been told or the play ends: the
// API server may be away for a while, and nobody plays a pod a second time. A pod
// that is gone needs no telling.
func (w *worker) say(ctx context.Context, step change) error {
	for attempt := 0; ; attempt++ {
		err := w.sayOnce(ctx, step)
		if err == nil || ctx.Err() != nil || apierrors.IsNotFound(err) || errors.Is(err, errReplaced) {
			return err
		}
		if attempt == 0 && !apierrors.IsConflict(err) {
			w.site.Log.Warn("importer: tell of a worker pod", "pod", client.ObjectKeyFromObject(w.pod), "error", err)
		}
		if err := pause(ctx, sayAgain); err != nil {
			return err
		}
	}
}

func (w *worker) sayOnce(ctx context.Context, step change) error {
	var pod corev1.Pod
	if err := w.site.Client.Get(ctx, client.ObjectKeyFromObject(w.pod), &pod); err != nil {
		return err
	}
	if pod.UID != w.pod.UID {
		return errReplaced
	}
	before := pod.DeepCopy()
	step(&pod.Status)
	pod.Status.PodIP = w.address.String()
	pod.Status.PodIPs = []corev1.PodIP{{IP: pod.Status.PodIP}}
	if n, ours := w.site.NodeNumber(pod.Spec.NodeName); ours {
		pod.Status.HostIP = w.site.NodeAddress(n).String()
		pod.Status.HostIPs = []corev1.HostIP{{IP: pod.Status.HostIP}}
	}
	if err := w.site.Client.Status().Patch(ctx, &pod, client.MergeFrom(before)); err != nil {
		return fmt.Errorf("status of pod %s/%s: %w", pod.Namespace, pod.Name, err)
	}
	return nil
}
