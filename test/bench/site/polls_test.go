package site

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// pollEvery is how often a driver that does not watch looks.
const pollEvery = 5 * time.Second

// pollingNode is a node by a driver that polls: the peer that Croft's is measured against. It looks once at the image and
// whether the name is free, makes the machine and its secret, and from then on reads the machine and its instance every five
// seconds, until these say an address. It asks for no rights and for no quota, and reads nothing else: a driver that reads
// more costs more. It removes likewise: the machine, then its disk, each looked at every five seconds until it is not there.
type pollingNode struct {
	client  client.Client
	machine *kubevirt.VirtualMachine
	secret  *corev1.Secret
	claim   string
}

// polls is such a node, of the very machine that Croft's driver makes, under another name.
func (w *workshop) polls(b *testing.B, name string) nodeDriver {
	b.Helper()
	text, err := json.Marshal(w.pattern(b))
	if err != nil {
		b.Fatal(err)
	}
	n := &pollingNode{client: w.asGuest, machine: &kubevirt.VirtualMachine{}}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), w.made.Name, name)), n.machine); err != nil {
		b.Fatal(err)
	}
	for _, volume := range n.machine.Spec.Template.Spec.Volumes {
		if volume.CloudInitNoCloud != nil {
			n.secret = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: workNamespace, Name: volume.CloudInitNoCloud.UserDataSecretRef.Name}}
			n.secret.StringData = map[string]string{"userdata": "#cloud-config\n"}
		}
		if volume.PersistentVolumeClaim != nil {
			n.claim = volume.PersistentVolumeClaim.ClaimName
		}
	}
	return n
}

func (n *pollingNode) create(ctx context.Context) error {
	key := client.ObjectKeyFromObject(n.machine)
	if err := n.client.Get(ctx, types.NamespacedName{Namespace: workNamespace, Name: image}, &harvesterv1.VirtualMachineImage{}); err != nil {
		return err
	}
	if err := n.client.Get(ctx, key, &kubevirt.VirtualMachine{}); !apierrors.IsNotFound(err) {
		return fmt.Errorf("its name is not free: %w", err)
	}
	if err := n.client.Create(ctx, n.secret); err != nil {
		return err
	}
	if err := n.client.Create(ctx, n.machine); err != nil {
		return err
	}
	return poll(ctx, func() (bool, error) {
		vm, vmi := &kubevirt.VirtualMachine{}, &kubevirt.VirtualMachineInstance{}
		if err := n.client.Get(ctx, key, vm); err != nil {
			return false, err
		}
		if err := n.client.Get(ctx, key, vmi); err != nil {
			return false, client.IgnoreNotFound(err)
		}
		addresses := vmi.Status.Interfaces
		return vmi.Status.Phase == kubevirt.PhaseRunning && len(addresses) > 0 && addresses[0].IP != "", nil
	})
}

func (n *pollingNode) remove(ctx context.Context) error {
	vm := &kubevirt.VirtualMachine{}
	if err := n.client.Get(ctx, client.ObjectKeyFromObject(n.machine), vm); err != nil {
		return err
	}
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, harvesterv1.AnnotationRemovedClaims, n.claim)
	if err := n.client.Patch(ctx, vm, client.RawPatch(types.MergePatchType, patch)); err != nil {
		return err
	}
	if err := n.client.Delete(ctx, vm); err != nil {
		return err
	}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: workNamespace, Name: n.claim}}
	for _, object := range []client.Object{n.machine, claim} {
		err := poll(ctx, func() (bool, error) {
			err := n.client.Get(ctx, client.ObjectKeyFromObject(object), object)
			return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// poll looks at once, and then every five seconds.
func poll(ctx context.Context, is func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	for {
		if done, err := is(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}
