package driver

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// choose finds the site: the one where an attempt before has begun, else the one with the most memory left among those
// that suit.
func (p *plan) choose() (*maker, error) {
	var best *maker
	var most int64
	var failures []error
	for _, s := range p.sites {
		m, room, err := p.at(s)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if room == taken {
			return m, nil
		}
		if best == nil || room > most {
			best, most = m, room
		}
	}
	// A site that is away may have the machine of the attempt before: to make it elsewhere would be to make it twice.
	if best == nil || len(failures) > 0 {
		return nil, errors.Join(failures...)
	}
	return best, nil
}

const (
	// taken is the room at a site that has the machine already.
	taken = -1
	// unknown is the room at a site that does not say.
	unknown = 0
)

// at is the maker at a site, and how much memory is left there. Of a single site nobody needs to know.
func (p *plan) at(s site) (*maker, int64, error) {
	reached, err := s.open()
	if err != nil {
		return nil, 0, err
	}
	here := *p
	here.namespace = s.in(p.namespace)
	m := &maker{plan: &here, site: s, client: reached}
	if len(p.sites) == 1 {
		return m, unknown, nil
	}
	ctx, cancel := briefly()
	defer cancel()
	err = reached.Get(ctx, types.NamespacedName{Namespace: here.namespace, Name: here.name}, &kubevirt.VirtualMachine{})
	if err == nil {
		return m, taken, nil
	}
	if !isGone(err, here.name) {
		return nil, 0, s.explain(err)
	}
	room, err := m.room(ctx)
	return m, room, err
}

// room is how many bytes of memory the site has left for the machine's namespace: what its quotas leave, or what its nodes
// have where there is none and the credential may look.
func (m *maker) room(ctx context.Context) (int64, error) {
	quotas := &corev1.ResourceQuotaList{}
	if err := m.client.List(ctx, quotas, client.InNamespace(m.namespace)); err != nil && !isFinal(err) {
		return 0, m.site.explain(err)
	}
	least := int64(unknown)
	for _, quota := range quotas.Items {
		hard, limited := quota.Status.Hard[corev1.ResourceLimitsMemory]
		if !limited {
			continue
		}
		hard.Sub(quota.Status.Used[corev1.ResourceLimitsMemory])
		if least == unknown || hard.Value() < least {
			least = max(hard.Value(), 1)
		}
	}
	if least != unknown {
		return least, nil
	}
	nodes := &corev1.NodeList{}
	if err := m.client.List(ctx, nodes); isFinal(err) {
		return unknown, nil
	} else if err != nil {
		return 0, m.site.explain(err)
	}
	var sum int64
	for _, node := range nodes.Items {
		if !node.Spec.Unschedulable {
			sum += node.Status.Allocatable.Memory().Value()
		}
	}
	return sum, nil
}
