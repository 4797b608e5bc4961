// Package number gives the versions of templates their numbers, ties them to their template, with which they go, and says
// whether machines can be made of them yet.
//
// A number is taken from the template's status before it is written into the version, so no number is used twice; one
// whose version is deleted or never finished is not used again. Begin reading with Controller.Reconcile.
package number
