package driver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
)

// PreCreateCheck looks whether the site has all that the machine needs, and names everything that is missing. It makes
// nothing; rancher-machine writes down what it has found out, and so knows where the machine is whatever happens later.
func (d *Driver) PreCreateCheck() error {
	if d.plan == nil {
		return errors.New("the machine has no configuration")
	}
	m, err := d.plan.choose()
	if err != nil {
		return err
	}
	ctx, cancel := briefly()
	defer cancel()
	lacks, err := m.check(ctx)
	if err != nil {
		return err
	}
	if len(lacks) > 0 {
		return errors.New(missing(fmt.Sprintf("machine %s cannot be made at site %s: %s", m.name, m.site.name, strings.Join(lacks, "; "))))
	}
	d.maker, d.Site, d.Namespace = m, m.site.name, m.namespace
	return nil
}

// check names all that is missing. The error is for a site that cannot be asked at all.
func (m *maker) check(ctx context.Context) ([]string, error) {
	m.images = map[types.NamespacedName]*harvesterv1.VirtualMachineImage{}
	var lacks []string
	for _, look := range []func(context.Context) ([]string, error){
		m.may, m.isFree, m.hasImages, m.hasClasses, m.hasNetworks, m.hasKeys, m.hasInstanceType, m.hasQuota,
	} {
		more, err := look(ctx)
		if apierrors.IsForbidden(err) {
			more, err = append(more, err.Error()), nil
		}
		if err != nil {
			return nil, err
		}
		for _, sentence := range more {
			if !slices.Contains(lacks, sentence) {
				lacks = append(lacks, sentence)
			}
		}
	}
	return lacks, nil
}

// isFree looks whether the machine's name is, or is its own.
func (m *maker) isFree(ctx context.Context) ([]string, error) {
	wanted, err := m.object("")
	if err != nil {
		return nil, err
	}
	vm := &kubevirt.VirtualMachine{}
	err = m.client.Get(ctx, client.ObjectKeyFromObject(wanted), vm)
	switch {
	case isGone(err, m.name):
		return nil, nil
	case err != nil:
		return nil, m.site.explain(err)
	case !isSame(vm, wanted):
		return []string{fmt.Sprintf("machine %s/%s is there already and is not this cluster's", vm.Namespace, vm.Name)}, nil
	default:
		m.counted = true
		return nil, nil
	}
}

// reads reads something that the machine needs, and says that it is not there, or may not be read.
func (m *maker) reads(ctx context.Context, what string, key types.NamespacedName, into client.Object) (string, error) {
	name := strings.TrimPrefix(key.String(), "/")
	err := m.client.Get(ctx, key, into)
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Sprintf("%s %s does not exist", what, name), nil
	case apierrors.IsForbidden(err):
		return fmt.Sprintf("the credential may not read %s %s", what, name), nil
	default:
		return "", m.site.explain(err)
	}
}

func (m *maker) hasImages(ctx context.Context) ([]string, error) {
	var lacks []string
	for i, d := range m.disks {
		if d.ImageName == "" {
			continue
		}
		image := m.images[d.image()]
		if image == nil {
			image = &harvesterv1.VirtualMachineImage{}
			lack, err := m.reads(ctx, "image", d.image(), image)
			if err != nil {
				return nil, err
			}
			if lack == "" {
				lack = unlessComing(image)
			}
			if lack != "" {
				lacks = append(lacks, lack)
				continue
			}
			m.images[d.image()] = image
		}
		if needs := image.Status.VirtualSize; int64(d.Size)<<30 < needs {
			lacks = append(lacks, fmt.Sprintf("disk %d of %d GiB is smaller than image %s, which has %d bytes", i, d.Size, d.ImageName, needs))
		}
	}
	return lacks, nil
}

func (m *maker) hasClasses(ctx context.Context) ([]string, error) {
	var lacks []string
	seen := map[string]bool{"": true}
	for _, d := range m.disks {
		if seen[d.StorageClassName] {
			continue
		}
		seen[d.StorageClassName] = true
		lack, err := m.reads(ctx, "storage class", types.NamespacedName{Name: d.StorageClassName}, &storagev1.StorageClass{})
		if err != nil {
			return nil, err
		}
		lacks = append(lacks, lack)
	}
	return told(lacks), nil
}

func (m *maker) hasNetworks(ctx context.Context) ([]string, error) {
	var lacks []string
	seen := map[string]bool{"": true}
	for _, c := range m.cards {
		if seen[c.NetworkName] {
			continue
		}
		seen[c.NetworkName] = true
		network := &metav1.PartialObjectMetadata{}
		network.SetGroupVersionKind(multus.AttachmentKind)
		lack, err := m.reads(ctx, "network", c.network(), network)
		if err != nil {
			return nil, err
		}
		lacks = append(lacks, lack)
	}
	return told(lacks), nil
}

func (m *maker) hasKeys(ctx context.Context) ([]string, error) {
	var lacks []string
	for _, name := range m.keys {
		key := &harvesterv1.KeyPair{}
		lack, err := m.reads(ctx, "key pair", name, key)
		if err != nil {
			return nil, err
		}
		validated := harvesterv1.ConditionOf(key.Status.Conditions, harvesterv1.KeyPairValidated)
		if lack == "" && validated != nil && validated.Status == metav1.ConditionFalse {
			lack = fmt.Sprintf("key pair %s is no valid key: %s", name, validated.Message)
		}
		lacks = append(lacks, lack)
		m.authorized = append(m.authorized, strings.TrimSpace(key.Spec.PublicKey))
	}
	return told(lacks), nil
}

func (m *maker) hasInstanceType(ctx context.Context) ([]string, error) {
	if m.size.InstanceType == "" {
		return nil, nil
	}
	matcher := instanceTypeOf(m.size.InstanceType)
	kind := &metav1.PartialObjectMetadata{}
	kind.SetGroupVersionKind(instanceTypes.WithKind(matcher.Kind))
	key := types.NamespacedName{Name: matcher.Name}
	if matcher.Kind == "VirtualMachineInstancetype" {
		key.Namespace = m.namespace
	}
	lack, err := m.reads(ctx, "instance type", key, kind)
	return told([]string{lack}), err
}

// told are the sentences that say something.
func told(sentences []string) []string {
	return slices.DeleteFunc(sentences, func(sentence string) bool { return sentence == "" })
}
