// Package admission refuses keys that are no public keys. That a key stays what it is, its schema holds. Begin reading
// with SetUp.
package admission
