// Package credential mints the access that a guest cluster has to the site that its nodes run at: a kubeconfig of a
// service account, by which its cloud provider and its CSI driver work in the namespace of its machines.
//
// Everything is made as the caller, so nobody mints what he could not have bound himself; and what is minted is bound in
// that one namespace, where Harvester binds a part of it in the whole cluster. The package serves no kind: a credential is
// a ServiceAccount, and whatever else belongs to it goes with that. Begin reading with mint.
package credential
