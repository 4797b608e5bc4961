// Package quota is how much space snapshots may take and take: who has which limit, what a snapshot counts for, and
// whether there is room for one more. The limits are in the ResourceQuota of a namespace.
//
// It knows no HTTP, and nobody's rights but those of the client that it is given. Limits of processors and memory are
// Kubernetes' own, and not here. Begin reading with Limit and Room.
package quota
