// Package site brings sites into the hub and out again: a Rancher cluster with provider harvester joins, gets a Site
// object and is followed by a collector of its own; when the cluster goes, the collector, the rows and the Site go too.
//
// What is read of a site is the business of package collect, and how it is kept that of package index. Begin reading
// with Controller.Reconcile.
package site
