// Package admission refuses cloud-config templates that cloud-init could not read: a guest would say so on its console
// alone, after it has started without what it was to have. Begin reading with SetUp.
package admission
