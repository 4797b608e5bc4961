// Package admission refuses wrong values of settings before they are kept, names that nobody knows, and the deletion of
// any setting. Begin reading with SetUp.
package admission
