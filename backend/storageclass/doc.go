// Package storageclass is the storage classes of a site: which one is the default, what CDI is told of each, and which
// cannot be made or taken away. README.md beside this file is the page for people.
//
// The sub-package profile hands a class's annotations on to CDI, and admission refuses wrong classes. Which one is the
// default is also a setting, whose defaultclass keeps the two the same. Begin reading with Capability.
package storageclass
