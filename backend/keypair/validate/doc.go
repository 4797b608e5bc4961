// Package validate looks at the public keys of a site: what their fingerprint is, or why they cannot be read. It says so
// in a KeyPair's status, where people compare it with what their own machine tells them.
//
// It puts no key into a machine. Begin reading with Controller.Reconcile.
package validate
