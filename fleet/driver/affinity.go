package driver

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// How the machines of a pool lie to each other.
const (
	spread   = "spread"
	separate = "separate"
	pack     = "pack"
)

// heaviest is the weight of what is wished before all else.
const heaviest = 100

// affinityOf is the affinity that is asked for, in full or by a word about the pool.
func affinityOf(placement Placement, set string, wrong *problems) *corev1.Affinity {
	affinity := &corev1.Affinity{}
	if placement.VMAffinity != "" {
		if err := decode(placement.VMAffinity, affinity); err != nil {
			wrong.add("vm-affinity", "cannot be read: %s", err)
		}
	}
	if placement.PoolAffinity != "" && set == "" {
		wrong.add("pool-affinity", "needs --croft-cluster-name: a machine of no cluster has no pool")
		return affinity
	}
	term := corev1.PodAffinityTerm{
		TopologyKey:   corev1.LabelHostname,
		LabelSelector: &metav1.LabelSelector{MatchLabels: map[string]string{labelSet: set}},
	}
	wish := corev1.WeightedPodAffinityTerm{Weight: heaviest, PodAffinityTerm: term}
	switch placement.PoolAffinity {
	case "":
	case spread:
		apart := apartOf(affinity)
		apart.PreferredDuringSchedulingIgnoredDuringExecution = append(apart.PreferredDuringSchedulingIgnoredDuringExecution, wish)
	case separate:
		apart := apartOf(affinity)
		apart.RequiredDuringSchedulingIgnoredDuringExecution = append(apart.RequiredDuringSchedulingIgnoredDuringExecution, term)
	case pack:
		if affinity.PodAffinity == nil {
			affinity.PodAffinity = &corev1.PodAffinity{}
		}
		near := affinity.PodAffinity
		near.PreferredDuringSchedulingIgnoredDuringExecution = append(near.PreferredDuringSchedulingIgnoredDuringExecution, wish)
	default:
		wrong.add("pool-affinity", "must be spread, separate or pack")
	}
	if affinity.NodeAffinity == nil && affinity.PodAffinity == nil && affinity.PodAntiAffinity == nil {
		return nil
	}
	return affinity
}

// apartOf is the part of an affinity that says beside what a machine must not lie.
func apartOf(affinity *corev1.Affinity) *corev1.PodAntiAffinity {
	if affinity.PodAntiAffinity == nil {
		affinity.PodAntiAffinity = &corev1.PodAntiAffinity{}
	}
	return affinity.PodAntiAffinity
}
