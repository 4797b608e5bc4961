// Package pool has a machine pool scale as Rancher scales it: Cluster API's real controllers, the Jobs of Rancher's shape with
// rancher-machine and the node driver in them, and a site of a sandbox. What Rancher's own controllers and RKE2 do between
// these is played: rancher_test.go makes the Jobs and says what came of them, guest_test.go is the guest cluster with its
// nodes. Begin reading in pool_test.go.
package pool
