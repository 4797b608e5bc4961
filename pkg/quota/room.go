package quota

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Wish is a snapshot that somebody wants.
type Wish struct {
	// Namespace is where.
	Namespace string
	// Claim is what it is to be of.
	Claim string
	// Machines are the machines that use the claim.
	Machines []string
	// Size is how many bytes it counts for.
	Size int64
}

// Room says in a sentence why there is no room for a snapshot, and "" when there is. Two that are wanted at the same
// moment may both be let in: a limit keeps people from filling the storage, it is no lock.
func Room(limit harvesterv1.SnapshotLimit, use Use, wish Wish) string {
	for _, machine := range wish.Machines {
		holder := Holder{Namespace: wish.Namespace, Machine: machine}
		if said := full(holder, limit.VMTotalSnapshotSizeQuota[machine], use.Machines[machine], wish); said != "" {
			return said
		}
	}
	return full(Holder{Namespace: wish.Namespace}, limit.NamespaceTotalSnapshotSizeQuota, use.Namespace, wish)
}

// full says why a snapshot is too much for a holder whose limit is not 0.
func full(holder Holder, limit, used int64, wish Wish) string {
	if limit == 0 || used+wish.Size <= limit {
		return ""
	}
	return fmt.Sprintf("The snapshots of %s take %s of the %s that they may take, and one of volume %s takes %s more. "+
		"Delete some of them, or have the quota %s of namespace %s made larger.",
		holder, size(used), size(limit), wish.Claim, size(wish.Size), harvesterv1.ResourceQuotaName, wish.Namespace)
}

// size is a number of bytes as people read it.
func size(bytes int64) string {
	return resource.NewQuantity(bytes, resource.BinarySI).String()
}
