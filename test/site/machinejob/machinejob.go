// Package machinejob plays the pods of the Jobs that Rancher makes for the machines of a pool. It has no container: the one
// program of Rancher's image runs as a process that is locked into a folder of its own, as the pod's user, with the pod's
// volumes at their places, its environment, and its service account's token. So rancher-machine, the node driver that it
// starts and what both say to API servers are real, and so are the paths that end in a machine's state secret.
//
// The pods of such Jobs are known by the label that Rancher gives them. A site without a built rancher-machine says so in the
// pod's last message. Begin reading at play.
package machinejob

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/kubelet"
	"crofthci.io/croft/test/site/site"
)

// Label is what Rancher marks the pods with: the name of the machine.
const Label = "rke.cattle.io/infra-machine-name"

// sayAgain is how often an API server that is away is told again.
const sayAgain = 250 * time.Millisecond

// lost is the status of a container whose end nobody has seen, as a kubelet writes it.
const lost = 137

// Run plays the pods until the context ends, with the rancher-machine of the site's options.
func Run(ctx context.Context, s *site.Site) error {
	if err := os.RemoveAll(filepath.Join(s.Data, "rooms")); err != nil {
		return fmt.Errorf("machine jobs: %w", err)
	}
	s.Players.Register(isMachine, func(ctx context.Context, pod *corev1.Pod) { play(ctx, s, pod) })
	<-ctx.Done()
	return nil
}

func isMachine(pod *corev1.Pod) bool { return pod.Labels[Label] != "" }

// play runs a pod's program once. One that ran under an earlier process of the site has ended with it.
func play(ctx context.Context, s *site.Site, pod *corev1.Pod) {
	code, message := lost, "it ended with the process that played the pod"
	if pod.Status.Phase != corev1.PodRunning {
		begun := func(now corev1.Pod) corev1.PodStatus {
			number, _ := s.NodeNumber(pod.Spec.NodeName)
			return kubelet.Running(&now, s.NodeAddress(number), s.PodAddress(pod.UID), time.Now())
		}
		if !say(ctx, s, pod, begun) {
			return
		}
		code, message = run(ctx, s, pod)
		if ctx.Err() != nil {
			return // somebody deleted the pod, or the site stops
		}
	}
	s.Log.Info("the job of a machine has ended", "pod", client.ObjectKeyFromObject(pod), "status", code)
	say(ctx, s, pod, func(now corev1.Pod) corev1.PodStatus { return kubelet.Ended(&now, int32(code), message, time.Now()) })
}

// run runs the program of the pod's container. The message is the end of what it said.
func run(ctx context.Context, s *site.Site, pod *corev1.Pod) (code int, message string) {
	code, said, err := job{site: s, pod: pod, container: &pod.Spec.Containers[0]}.run(ctx)
	if err != nil {
		return max(code, 1), tail(fmt.Sprintf("%s\n%s", said, err))
	}
	return code, tail(said)
}

// tail is what a kubelet keeps of what a container leaves as its last message.
func tail(said string) string {
	const most = 4096
	return said[max(0, len(said)-most):]
}

// say writes a pod's status, and tries until it is written, or there is no such pod any more, or the play ends.
func say(ctx context.Context, s *site.Site, pod *corev1.Pod, status func(corev1.Pod) corev1.PodStatus) bool {
	for {
		var now corev1.Pod
		err := s.Client.Get(ctx, client.ObjectKeyFromObject(pod), &now)
		if apierrors.IsNotFound(err) || err == nil && now.UID != pod.UID {
			return false
		}
		if err == nil {
			before := now.DeepCopy()
			now.Status = status(now)
			err = s.Client.Status().Patch(ctx, &now, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
		}
		if err == nil {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(sayAgain):
		}
	}
}
