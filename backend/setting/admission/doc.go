// Package admission refuses wrong values of settings before they are kept, names that nobody knows, the deletion of any
// setting, and another network for the storage while something writes to it. Begin reading with SetUp.
package admission
