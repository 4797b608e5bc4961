package driver

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// seen is what was last seen of a machine.
type seen struct {
	vm                 *kubevirt.VirtualMachine
	vmi                *kubevirt.VirtualMachineInstance
	address, addressV6 string
	// err is why the site could not be asked, nil when it could.
	err error
}

// errGone ends a wait: somebody has removed the machine.
var errGone = errors.New("somebody has removed the machine meanwhile")

// note takes news in. The error ends the wait.
func (s *seen) note(what news, machine types.UID) error {
	s.err = what.err
	switch object := what.object.(type) {
	case *kubevirt.VirtualMachine:
		if what.gone || object.UID != machine {
			return errGone
		}
		s.vm = object
	case *kubevirt.VirtualMachineInstance:
		s.vmi = object
		if what.gone {
			s.vmi = nil
		}
	}
	return nil
}

// await waits until the machine has its address.
func (m *maker) await(ctx context.Context, vm *kubevirt.VirtualMachine) (*seen, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	last, tell := &seen{vm: vm}, followBoth(ctx, m.client, client.ObjectKeyFromObject(vm))
	for {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("machine %s has no address after %d s: %s", m.name, m.timeout, last.sentence(m.card))
		case what := <-tell:
			if err := last.note(what, vm.UID); err != nil {
				return nil, err
			}
			if isFinal(what.err) {
				return nil, m.site.explain(what.err)
			}
			if last.address, last.addressV6 = addressesOf(last.vmi, m.card); last.address != "" && runs(last.vmi) {
				return last, nil
			}
		}
	}
}

// followBoth tells of a machine and of its instance.
func followBoth(ctx context.Context, at client.WithWatch, machine types.NamespacedName) <-chan news {
	tell := make(chan news)
	go follow[kubevirt.VirtualMachineList](ctx, at, machine, tell)
	go follow[kubevirt.VirtualMachineInstanceList](ctx, at, machine, tell)
	return tell
}

// awaitImages waits until the images of the disks are there, and takes their classes for disks that name none.
func (m *maker) awaitImages(ctx context.Context) error {
	for i := range m.disks {
		if m.disks[i].ImageName == "" {
			continue
		}
		image, err := m.awaitImage(ctx, m.disks[i].image())
		if err != nil {
			return err
		}
		if size := int64(m.disks[i].Size) << 30; size < image.Status.VirtualSize {
			return fmt.Errorf("disk %d has %d GiB, and image %s needs more: %d bytes", i, m.disks[i].Size, m.disks[i].ImageName, image.Status.VirtualSize)
		}
		if m.disks[i].StorageClassName == "" {
			m.disks[i].StorageClassName = image.Status.StorageClassName
		}
	}
	return nil
}

// awaitImage waits until an image is there.
func (m *maker) awaitImage(ctx context.Context, key types.NamespacedName) (*harvesterv1.VirtualMachineImage, error) {
	image := m.images[key]
	if image.Ready() {
		return image, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	tell := make(chan news)
	go follow[harvesterv1.VirtualMachineImageList](ctx, m.client, key, tell)
	for {
		if sentence := unlessComing(image); sentence != "" {
			return nil, errors.New(sentence)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("machine %s was not begun after %d s: %s", m.name, m.timeout, imageSentence(image))
		case what := <-tell:
			if isFinal(what.err) {
				return nil, m.site.explain(what.err)
			}
			if what.gone {
				return nil, fmt.Errorf("image %s was removed", key)
			}
			if now, is := what.object.(*harvesterv1.VirtualMachineImage); is {
				image = now
			}
			if image.Ready() {
				return image, nil
			}
		}
	}
}
