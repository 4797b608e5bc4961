// Package admission refuses images that could not work or whose name is taken, and keeps images that are in use. What
// concerns one image alone (what is needed, what cannot be changed) is held by its schema. Begin reading with SetUp.
package admission
