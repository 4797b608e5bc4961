// Package longhorn is what Croft has to know of Longhorn: the driver's name, those parameters of its storage classes that
// decide what can be done with a volume, its backing images, which are the bytes that volumes of a class start from, and on
// which nodes the copies of a volume lie. Longhorn itself is not imported: its kinds have the fields here that are read or
// written, and no others. Everything else about its volumes goes through the Kubernetes API as with any other driver.
//
// Begin reading with FirstEngine, BackingImage and Order, and for the copies with OnlyOn.
package longhorn
