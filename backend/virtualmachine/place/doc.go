// Package place tells the nodes of guest clusters where they are: it notes the name, zone and region of the site's node on
// the instance that runs there, in the annotations kubernetes.io/hostname, topology.kubernetes.io/zone and
// topology.kubernetes.io/region. The guest cluster's cloud provider, which may not look at the site's nodes, labels its own
// nodes by them, so that the guest cluster can spread its pods; it looks again when a machine has moved.
//
// Machines that are no node of a guest cluster are let be: nobody reads it there. Begin reading with Controller.Reconcile.
package place
