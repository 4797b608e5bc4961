// Package admission refuses what would break a template: a version that changes, names what is not there, or is deleted
// while it is the default; and a default that is no version of the template. Begin reading with SetUp.
package admission
