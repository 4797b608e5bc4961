package kubelet

import (
	"context"
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/test/site/site"
)

func newTestKubelet(t *testing.T, pods ...client.Object) *kubelet {
	t.Helper()
	scheme, err := site.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(pods...).WithStatusSubresource(&corev1.Pod{}).Build()
	s, err := site.With(site.Options{Name: "site-1", Nodes: 1, Network: netip.MustParsePrefix("127.21.0.0/16")}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &kubelet{site: s, cache: c, plays: map[types.UID]*running{}}
}

func testPod(change ...func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "pod", UID: "pod-uid", Labels: map[string]string{}},
		Spec:       corev1.PodSpec{NodeName: "site-1-node-1", Containers: []corev1.Container{{Name: "main"}}},
		Status:     corev1.PodStatus{Phase: corev1.PodPending},
	}
	for _, c := range change {
		c(pod)
	}
	return pod
}

func (k *kubelet) step(t *testing.T) (*corev1.Pod, time.Duration) {
	t.Helper()
	key := types.NamespacedName{Namespace: "default", Name: "pod"}
	again, err := k.reconcile(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	pod := &corev1.Pod{}
	if err := k.site.Client.Get(t.Context(), key, pod); apierrors.IsNotFound(err) {
		return nil, again
	} else if err != nil {
		t.Fatal(err)
	}
	return pod, again
}

func TestReconcile(t *testing.T) {
	for reason, test := range map[string]struct {
		pod   *corev1.Pod
		fault bool
		want  corev1.PodPhase
	}{
		"a pod on our node runs": {pod: testPod(), want: corev1.PodRunning},
		"a pod on another node is not ours": {
			pod: testPod(func(p *corev1.Pod) { p.Spec.NodeName = "other" }), want: corev1.PodPending,
		},
		"a pod on a node that is stopped stays as it was": {pod: testPod(), fault: true, want: corev1.PodPending},
		"a worker of CDI waits for its player": {
			pod: testPod(func(p *corev1.Pod) { p.Labels["cdi.kubevirt.io"] = "importer" }), want: corev1.PodPending,
		},
		"a pod that has ended stays so": {
			pod: testPod(func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded }), want: corev1.PodSucceeded,
		},
	} {
		k := newTestKubelet(t, test.pod)
		if test.fault {
			k.site.Faults.Set(site.Fault{Name: site.FaultNode, Target: "site-1-node-1"})
		}
		if pod, _ := k.step(t); pod.Status.Phase != test.want {
			t.Errorf("%s: %s, want %s", reason, pod.Status.Phase, test.want)
		}
	}
}

func TestDeletedPodWaitsForItsPlayer(t *testing.T) {
	finish := make(chan struct{})
	k := newTestKubelet(t, testPod(func(p *corev1.Pod) { p.Finalizers = []string{"test/keep"} }))
	played := make(chan struct{})
	k.site.Players.Register(
		func(p *corev1.Pod) bool { return p.Name == "pod" },
		func(ctx context.Context, _ *corev1.Pod) {
			close(played)
			<-ctx.Done()
			<-finish
		})
	pod, _ := k.step(t)
	<-played
	k.step(t) // a second look does not play it again: close would panic
	if err := k.site.Client.Delete(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	if _, again := k.step(t); again == 0 {
		t.Error("a pod is removed while its player is at work")
	}
	close(finish)
	<-k.plays["pod-uid"].done
	held := true
	k.site.Players.Hold(func(*corev1.Pod) bool { return held })
	if _, again := k.step(t); again == 0 {
		t.Error("a pod is removed that somebody holds")
	}
	held = false
	if _, again := k.step(t); again != 0 {
		t.Error("a pod that nobody needs is kept")
	}
}

// TestNodeStopsItsPlays stops a node while a player is at work, and brings it back.
func TestNodeStopsItsPlays(t *testing.T) {
	k := newTestKubelet(t, testPod())
	began, ended := make(chan struct{}, 2), make(chan struct{}, 2)
	finish := make(chan struct{})
	k.site.Players.Register(
		func(p *corev1.Pod) bool { return p.Name == "pod" },
		func(ctx context.Context, _ *corev1.Pod) {
			began <- struct{}{}
			<-ctx.Done()
			ended <- struct{}{}
			<-finish
		})
	k.step(t)
	<-began
	stopped := site.Fault{Name: site.FaultNode, Target: "site-1-node-1"}
	k.site.Faults.Set(stopped)
	k.step(t)
	<-ended
	k.site.Faults.Clear(stopped)
	if _, again := k.step(t); again == 0 {
		t.Error("a pod is played anew while its player has not let go")
	}
	first := k.plays["pod-uid"]
	close(finish)
	<-first.done
	k.step(t)
	<-began
	if k.plays["pod-uid"] == first {
		t.Error("the play that was interrupted counts as the new one")
	}
}

// TestPlayThatEndedIsOver looks at a pod whose player is done before the cache
// shows it, on a node that stops then.
func TestPlayThatEndedIsOver(t *testing.T) {
	k := newTestKubelet(t, testPod())
	plays := make(chan struct{}, 2)
	k.site.Players.Register(
		func(p *corev1.Pod) bool { return p.Name == "pod" },
		func(context.Context, *corev1.Pod) { plays <- struct{}{} })
	k.step(t)
	<-k.plays["pod-uid"].done
	stopped := site.Fault{Name: site.FaultNode, Target: "site-1-node-1"}
	k.site.Faults.Set(stopped)
	k.step(t)
	k.site.Faults.Clear(stopped)
	k.step(t)
	if len(plays) != 1 {
		t.Errorf("it was played %d times", len(plays))
	}
}
