// Package guestcredential gives a guest cluster its access to the site of its machines: a kubeconfig of a service account
// in one namespace, which RKE2's charts harvester-cloud-provider and harvester-csi-driver read.
//
// The site mints it as the person who asks, so nobody gets a cluster a right that he has not. What the hub does of its own
// is to keep it in a secret as Rancher's page does, to ask again before it ends, and to take it back when the cluster goes.
// Begin reading with Controller.Reconcile, and for the way in with Server.
package guestcredential
