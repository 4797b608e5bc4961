// Package longhorn is what Croft has to know of Longhorn: the driver's name, those parameters of its storage classes that
// decide what can be done with a volume, and its backing images, which are the bytes that volumes of a class start from.
// Longhorn itself is not imported: BackingImage has the fields that are read or written here, and no others. Everything
// else about its volumes goes through the Kubernetes API as with any other driver.
//
// Begin reading with FirstEngine, BackingImage and Order.
package longhorn
