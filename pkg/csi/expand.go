package csi

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// Expansion is what becomes of a claim that has asked for more than it has.
type Expansion struct {
	// Wanted is the size that is asked for.
	Wanted resource.Quantity
	// Failed says that the driver has given up, or has failed at least once.
	Failed bool
	// Message is the driver's own sentence, where it has one.
	Message string
}

// ExpansionOf reads how a claim's volume grows, nil when it does not. See the field allocatedResourceStatuses of
// Kubernetes' API for what a resizer says there.
func ExpansionOf(claim *corev1.PersistentVolumeClaim) *Expansion {
	wanted, present := Requested(claim), Present(claim)
	if claim.Status.Phase != corev1.ClaimBound || present.IsZero() || wanted.Cmp(present) <= 0 {
		return nil
	}
	expansion := &Expansion{Wanted: wanted}
	switch claim.Status.AllocatedResourceStatuses[corev1.ResourceStorage] {
	case corev1.PersistentVolumeClaimControllerResizeInfeasible, corev1.PersistentVolumeClaimNodeResizeInfeasible:
		expansion.Failed = true
	}
	for _, condition := range claim.Status.Conditions {
		switch condition.Type {
		case corev1.PersistentVolumeClaimControllerResizeError, corev1.PersistentVolumeClaimNodeResizeError:
			if condition.Status == corev1.ConditionTrue {
				expansion.Failed, expansion.Message = true, condition.Message
			}
		}
	}
	return expansion
}

// leastStep is the least that a volume can grow by. Kubernetes does not let a claim go back to the size that it has,
// only to one above; drivers count in mebibytes at least.
const leastStep = 1 << 20

// Retreat is the size that a claim whose volume does not grow can be taken back to: the least above what it has. It is
// false when the claim asks for no more than that already.
func Retreat(claim *corev1.PersistentVolumeClaim) (resource.Quantity, bool) {
	wanted, present := Requested(claim), Present(claim)
	least := *resource.NewQuantity(present.Value()+leastStep, resource.BinarySI)
	return least, least.Cmp(wanted) < 0
}
