package driver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rancher/machine/libmachine/log"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// What the driver remembers on a machine, so that whoever tries again knows what is his.
const (
	// annotationMade is "false" until the machine has had its address, "true" from then on.
	annotationMade = "crofthci.io/node-driver-made"
	// annotationWish is a hash of all that the machine was asked for.
	annotationWish = "crofthci.io/node-driver-wish"
)

// maker makes one machine at one site.
type maker struct {
	*plan
	site   site
	client client.WithWatch
	// images are those of the disks, as they were when they were looked at; authorized are the keys that may log in.
	images     map[types.NamespacedName]*harvesterv1.VirtualMachineImage
	authorized []string
	// counted says that the machine is there already.
	counted bool
	// seed is the machine's user data.
	seed string
}

// Create makes the machine, or goes on where an attempt before has stopped, and waits for its address. When that fails,
// nothing is left of it.
func (d *Driver) Create() error {
	if d.plan == nil {
		return errors.New("the machine has no configuration")
	}
	m, err := d.prepare()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(m.timeout)*time.Second)
	defer cancel()
	return d.create(ctx, m)
}

// create makes the machine until the context ends.
func (d *Driver) create(ctx context.Context, m *maker) error {
	if err := m.awaitImages(ctx); err != nil {
		return err // nothing is made yet
	}
	var vm *kubevirt.VirtualMachine
	err := insist(ctx, func() (err error) { vm, err = m.ensure(ctx); return err })
	if isAway(err) {
		return fmt.Errorf("machine %s was not made within %d s: %w; what there is of it goes with `rancher-machine rm`", m.name, m.timeout, err)
	}
	if err != nil {
		return err
	}
	d.Site, d.Namespace, d.UID = m.site.name, m.namespace, string(vm.UID)
	if d.Disks, err = ownClaims(vm); err != nil {
		return m.undo(vm, err)
	}
	seen, err := m.await(ctx, vm)
	if err == nil {
		err = insist(ctx, func() error { return m.mark(vm) })
	}
	if err != nil {
		return m.undo(vm, err)
	}
	d.IPAddress, d.IPv6Address = seen.address, seen.addressV6
	log.Infof("Machine %s runs at site %s with address %s", m.name, m.site.name, d.IPAddress)
	return nil
}

// prepare makes ready what the machine is made of, where PreCreateCheck has not.
func (d *Driver) prepare() (*maker, error) {
	if d.maker == nil {
		if err := d.PreCreateCheck(); err != nil {
			return nil, err
		}
	}
	key, err := d.publicKey()
	if err != nil {
		return nil, err
	}
	d.maker.seed, err = d.maker.seedWith(append([]string{key}, d.maker.authorized...))
	return d.maker, err
}

// ensure makes the machine, unless it is there already, and what belongs to it.
func (m *maker) ensure(ctx context.Context) (*kubevirt.VirtualMachine, error) {
	wanted, err := m.wanted()
	if err != nil {
		return nil, err
	}
	vm := &kubevirt.VirtualMachine{}
	err = m.client.Get(ctx, client.ObjectKeyFromObject(wanted), vm)
	if err == nil && m.isOld(vm, wanted) {
		log.Infof("Removing what an attempt before, which asked for something else, has left of machine %s", m.name)
		if err := m.erase(vm); err != nil {
			return nil, err
		}
		err = m.client.Get(ctx, client.ObjectKeyFromObject(wanted), vm)
	}
	switch {
	case err == nil:
		if sentence := unlessOurs(vm, wanted); sentence != "" {
			return nil, errors.New(sentence)
		}
		log.Infof("Going on with machine %s, which an attempt before has made", m.name)
	case isGone(err, m.name):
		vm = wanted
		if err := m.client.Create(ctx, vm); err != nil {
			return nil, m.site.explain(err)
		}
	default:
		return nil, m.site.explain(err)
	}
	err = m.ensureSeed(ctx, vm)
	if err != nil && !isAway(err) {
		err = m.undo(vm, err)
	}
	return vm, err
}

// wanted is the machine with its marks.
func (m *maker) wanted() (*kubevirt.VirtualMachine, error) {
	unnamed, err := m.object("")
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal([]any{unnamed, m.seed, m.networkData})
	if err != nil {
		return nil, fmt.Errorf("write the machine: %w", err)
	}
	wanted, err := m.object(rand.String(5))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	wanted.Annotations[annotationWish] = hex.EncodeToString(sum[:])
	wanted.Annotations[annotationMade] = "false"
	return wanted, nil
}

// isOld says whether a machine is what an attempt before has left half-made, of another wish.
func (m *maker) isOld(vm, wanted *kubevirt.VirtualMachine) bool {
	return isSame(vm, wanted) && vm.Annotations[annotationMade] == "false" &&
		vm.Annotations[annotationWish] != wanted.Annotations[annotationWish]
}

// isSame says whether a machine is the node that is wanted: of this driver, of the same cluster and pool.
func isSame(vm, wanted *kubevirt.VirtualMachine) bool {
	for _, label := range []string{harvesterv1.LabelCreator, harvesterv1.LabelGuestCluster, labelPool} {
		if vm.Labels[label] != wanted.Labels[label] {
			return false
		}
	}
	return true
}

// unlessOurs says why a machine that is there already is not the one that is wanted.
func unlessOurs(vm, wanted *kubevirt.VirtualMachine) string {
	name := vm.Namespace + "/" + vm.Name
	switch {
	case !isSame(vm, wanted):
		return fmt.Sprintf("machine %s is there already and is not this cluster's: choose another name", name)
	case vm.DeletionTimestamp != nil:
		return fmt.Sprintf("machine %s is being removed: try again when it is gone", name)
	case vm.Annotations[annotationWish] != wanted.Annotations[annotationWish]:
		return fmt.Sprintf("machine %s is there already, and was asked for with other flags or another key: remove it first", name)
	default:
		return ""
	}
}

// ensureSeed makes the secret of the machine's user data, which goes with the machine.
func (m *maker) ensureSeed(ctx context.Context, vm *kubevirt.VirtualMachine) error {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: vm.Namespace, Name: seedOf(vm),
			Labels: map[string]string{harvesterv1.LabelCreator: creator},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: kubevirt.GroupVersion.String(), Kind: kubevirt.VirtualMachineKind.Kind, Name: vm.Name, UID: vm.UID,
			}},
		},
		StringData: map[string]string{keyUserData: m.seed, keyNetworkData: m.networkData},
	}
	// Its name was made up for this machine alone: one that is there is of the attempt before.
	if err := m.client.Create(ctx, secret); !apierrors.IsAlreadyExists(err) {
		return m.site.explain(err)
	}
	return nil
}

// mark has the machine say that it was made.
func (m *maker) mark(vm *kubevirt.VirtualMachine) error {
	ctx, cancel := briefly()
	defer cancel()
	patch := fmt.Appendf(nil, `{"metadata":{"uid":%q,"annotations":{%q:"true"}}}`, vm.UID, annotationMade)
	return m.site.explain(m.client.Patch(ctx, vm.DeepCopy(), client.RawPatch(types.MergePatchType, patch)))
}

// undo removes what a failed attempt has made, and says also what stays when it cannot.
func (m *maker) undo(vm *kubevirt.VirtualMachine, failure error) error {
	if err := m.erase(vm); err != nil {
		return fmt.Errorf("%w; what was made of it is still there, and goes with `rancher-machine rm`: %w", failure, err)
	}
	return failure
}
