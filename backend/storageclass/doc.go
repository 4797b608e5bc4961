// Package storageclass is the storage classes of a site: which one is the default, what CDI is told of each, and which
// cannot be made or taken away. README.md beside this file is the page for people.
//
// The sub-package profile hands a class's annotations on to CDI, elect keeps the setting default-storage-class and the
// default class the same, and admission refuses wrong classes. Begin reading with Capability.
package storageclass
