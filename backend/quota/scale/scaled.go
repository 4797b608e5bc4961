package scale

import (
	"encoding/json"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Move is a migration under way.
type Move struct {
	// UID is the migration's.
	UID types.UID
	// Needs is what the machine's second pod takes of each resource that a quota may limit.
	Needs corev1.ResourceList
}

// record is what a quota says of itself.
type record struct {
	// before are the limits without the migrations, nil when the quota was not made larger.
	before corev1.ResourceList
	// added is what it was made larger by, by the UID of the migration.
	added map[types.UID]corev1.ResourceList
}

// Scaled is the quota as it is to be while the given migrations are under way, and no others.
func Scaled(quota *corev1.ResourceQuota, moves []Move) *corev1.ResourceQuota {
	was := read(quota)
	is := record{before: was.base(quota.Spec.Hard), added: map[types.UID]corev1.ResourceList{}}
	for _, move := range moves {
		if added, known := was.added[move.UID]; known {
			is.added[move.UID] = added
		}
	}
	for _, move := range moves {
		if _, known := is.added[move.UID]; !known {
			is.added[move.UID] = room(move.Needs, is.total(), quota.Status.Used)
		}
	}
	scaled := quota.DeepCopy()
	scaled.Spec.Hard = is.total()
	is.write(scaled)
	return scaled
}

// room is what a quota must become larger by so that needs find room: what they are, and what the namespace takes already
// beyond its limits.
func room(needs, limits, used corev1.ResourceList) corev1.ResourceList {
	added := corev1.ResourceList{}
	for name, limit := range limits {
		need, needed := needs[name]
		if !needed || need.Sign() <= 0 {
			continue
		}
		more := need.DeepCopy()
		if over, known := used[name]; known && over.Cmp(limit) > 0 {
			more.Add(over)
			more.Sub(limit)
		}
		added[name] = more
	}
	return added
}

// base are the limits without the migrations: as they are written down, but for those that are not what was made of them,
// which somebody has changed since.
func (r record) base(hard corev1.ResourceList) corev1.ResourceList {
	expected := r.total()
	base := corev1.ResourceList{}
	for name, limit := range hard {
		before, known := r.before[name]
		made := expected[name]
		if known && made.Cmp(limit) == 0 {
			base[name] = before
		} else {
			base[name] = limit
		}
	}
	return base
}

// total are the limits with the migrations.
func (r record) total() corev1.ResourceList {
	total := corev1.ResourceList{}
	for name, limit := range r.before {
		sum := limit.DeepCopy()
		for _, added := range r.added {
			if more, found := added[name]; found {
				sum.Add(more)
			}
		}
		total[name] = sum
	}
	return total
}

// read is what a quota says of itself. What cannot be read was not written here, and counts as nothing.
func read(quota *corev1.ResourceQuota) record {
	r := record{added: map[types.UID]corev1.ResourceList{}}
	if json.Unmarshal([]byte(quota.Annotations[harvesterv1.AnnotationQuotaBefore]), &r.before) != nil {
		r.before = nil
	}
	for key, value := range quota.Annotations {
		uid, ours := strings.CutPrefix(key, harvesterv1.AnnotationMigratingPrefix)
		added := corev1.ResourceList{}
		if ours && json.Unmarshal([]byte(value), &added) == nil {
			r.added[types.UID(uid)] = added
		}
	}
	return r
}

// write has a quota say of itself what a record is, and nothing when it was not made larger.
func (r record) write(quota *corev1.ResourceQuota) {
	for key := range quota.Annotations {
		if strings.HasPrefix(key, harvesterv1.AnnotationMigratingPrefix) || key == harvesterv1.AnnotationQuotaBefore {
			delete(quota.Annotations, key)
		}
	}
	if len(r.added) == 0 {
		return
	}
	if quota.Annotations == nil {
		quota.Annotations = map[string]string{}
	}
	quota.Annotations[harvesterv1.AnnotationQuotaBefore] = text(r.before)
	for uid, added := range r.added {
		quota.Annotations[harvesterv1.AnnotationMigratingPrefix+string(uid)] = text(added)
	}
}

// text is a list of resources as JSON, whose keys are in order. Quantities always marshal.
func text(list corev1.ResourceList) string {
	encoded, _ := json.Marshal(list)
	return string(encoded)
}
