// Package kubelet plays the pods that the real scheduler has bound to the
// site's nodes: they run, are ready, and when somebody deletes them they go.
// No program runs in them.
//
// Pods that a part of the site has claimed (site.Players) are left to it; the
// kubelet then only removes them once they are deleted and the part has let go.
// Begin reading at reconcile. The statuses are pure functions, in status.go.
package kubelet

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/node"
	"crofthci.io/croft/test/site/site"
)

const (
	workers = 24
	// heldAgain is when a pod that somebody holds back is looked at again.
	heldAgain = 250 * time.Millisecond
	// ExitAfter on a pod makes its containers end well after a duration.
	ExitAfter = "site.crofthci.io/exit-after"
	// ExitCode on a pod is the status they end with then.
	ExitCode = "site.crofthci.io/exit-code"
	cdiLabel = "cdi.kubevirt.io"
)

type kubelet struct {
	site  *site.Site
	cache client.Reader // pods, from memory
	queue workqueue.TypedRateLimitingInterface[types.NamespacedName]

	mu    sync.Mutex
	plays map[types.UID]*running
}

// running is a player at work on one pod.
type running struct {
	stop context.CancelFunc
	done chan struct{}
	// interrupted players did not end by themselves: their node was stopped.
	interrupted bool
}

// Run plays pods until the context ends.
func Run(ctx context.Context, s *site.Site) error {
	k := &kubelet{
		site:  s,
		cache: s.Cache,
		queue: workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[types.NamespacedName]()),
		plays: map[types.UID]*running{},
	}
	informer, err := s.Cache.GetInformer(ctx, &corev1.Pod{})
	if err != nil {
		return fmt.Errorf("kubelet: watch pods: %w", err)
	}
	if _, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc:    k.enqueue,
		UpdateFunc: func(_, pod any) { k.enqueue(pod) },
		DeleteFunc: k.forget,
	}); err != nil {
		return fmt.Errorf("kubelet: watch pods: %w", err)
	}
	go k.requeueOnChanges(ctx)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() { k.work(ctx) })
	}
	<-ctx.Done()
	k.queue.ShutDown()
	all.Wait()
	return nil
}

func (k *kubelet) enqueue(object any) {
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return
	}
	if _, ours := k.site.NodeNumber(pod.Spec.NodeName); ours {
		k.queue.Add(client.ObjectKeyFromObject(pod))
	}
}

// forget ends what was left of a pod that is gone.
func (k *kubelet) forget(object any) {
	if gone, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return
	}
	k.site.ReleaseAddress(pod.UID)
	k.mu.Lock()
	defer k.mu.Unlock()
	if play := k.plays[pod.UID]; play != nil {
		play.stop()
		delete(k.plays, pod.UID)
	}
}

// requeueOnChanges looks at all pods again when a player registers or a fault
// changes: a stopped node comes back with pods that waited.
func (k *kubelet) requeueOnChanges(ctx context.Context) {
	faults, end := k.site.Faults.Watch()
	defer end()
	for {
		select {
		case <-ctx.Done():
			return
		case <-faults:
		case <-k.site.Players.Changed():
		}
		var pods corev1.PodList
		if err := k.cache.List(ctx, &pods); err != nil {
			k.site.Log.Warn("kubelet: list pods", "error", err)
			continue
		}
		for i := range pods.Items {
			k.enqueue(&pods.Items[i])
		}
	}
}

func (k *kubelet) work(ctx context.Context) {
	for {
		key, over := k.queue.Get()
		if over {
			return
		}
		again, err := k.reconcile(ctx, key)
		switch {
		case apierrors.IsConflict(err) || apierrors.IsNotFound(err):
			// A newer one is on its way through the watch.
			k.queue.AddRateLimited(key)
		case err != nil && ctx.Err() == nil:
			k.site.Log.Warn("kubelet", "pod", key, "error", err)
			k.queue.AddRateLimited(key)
		case again > 0:
			k.queue.AddAfter(key, again)
		default:
			k.queue.Forget(key)
		}
		k.queue.Done(key)
	}
}

// reconcile does what one pod needs now, and says when to look again.
func (k *kubelet) reconcile(ctx context.Context, key types.NamespacedName) (time.Duration, error) {
	pod := &corev1.Pod{}
	if err := k.cache.Get(ctx, key, pod); err != nil {
		return 0, client.IgnoreNotFound(err)
	}
	n, ours := k.site.NodeNumber(pod.Spec.NodeName)
	if !ours {
		return 0, nil
	}
	if node.Stopped(k.site, n) {
		k.interrupt(pod.UID)
		return 0, nil
	}
	if pod.DeletionTimestamp != nil {
		return k.remove(ctx, pod)
	}
	if ended(pod) {
		return 0, nil
	}
	if play := k.site.Players.For(pod); play != nil {
		return k.play(ctx, pod, play), nil
	}
	if _, worker := pod.Labels[cdiLabel]; worker {
		return 0, nil // its player has not come yet
	}
	return k.run(ctx, pod, n)
}

// run makes a pod Running, or ends it when its annotation says so.
func (k *kubelet) run(ctx context.Context, pod *corev1.Pod, n int) (time.Duration, error) {
	now := time.Now()
	k.keepAddress(pod)
	if err := k.join(ctx, pod); err != nil {
		return 0, err
	}
	status := Running(pod, k.site.NodeAddress(n), k.site.PodAddress(pod.UID), now)
	code, left, ends := exit(pod, now)
	if ends && left <= 0 && pod.Status.Phase == corev1.PodRunning {
		status = Ended(pod, code, "", now)
	}
	if ends && left <= 0 {
		left = heldAgain
	}
	return left, k.write(ctx, pod, status)
}

// write patches the status if it differs, on the version that was looked at.
func (k *kubelet) write(ctx context.Context, pod *corev1.Pod, status corev1.PodStatus) error {
	if equality.Semantic.DeepEqual(pod.Status, status) {
		return nil
	}
	changed := pod.DeepCopy()
	changed.Status = status
	patch := client.MergeFromWithOptions(pod, client.MergeFromWithOptimisticLock{})
	return k.site.Client.Status().Patch(ctx, changed, patch)
}

// remove takes a deleted pod out of the API server when nobody needs it any
// more.
func (k *kubelet) remove(ctx context.Context, pod *corev1.Pod) (time.Duration, error) {
	if !k.stopped(pod.UID) || k.site.Players.Held(pod) {
		return heldAgain, nil
	}
	err := k.site.Client.Delete(ctx, pod, client.GracePeriodSeconds(0), client.Preconditions{UID: &pod.UID})
	return 0, client.IgnoreNotFound(err)
}

// keepAddress remembers the address that an earlier process gave the pod.
func (k *kubelet) keepAddress(pod *corev1.Pod) {
	if address, ok := parse(pod.Status.PodIP); ok && !pod.Spec.HostNetwork {
		k.site.KeepAddress(pod.UID, address)
	}
}
