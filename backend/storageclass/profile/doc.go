// Package profile hands on to CDI what a storage class says in its annotations cdi.harvesterhci.io/…: how its volumes are
// cloned, in which modes they can be had, and how much a file system keeps of them.
//
// It writes those fields of CDI's StorageProfile that the class speaks of, and no others; what a class no longer says is
// taken back. Begin reading with Controller.Reconcile.
package profile
