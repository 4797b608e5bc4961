// Package longhorn is what Croft has to know of Longhorn's storage classes: the driver's name and those parameters that
// decide what can be done with a volume. Longhorn itself is not imported, and everything else about its volumes goes
// through the Kubernetes API as with any other driver. Begin reading with FirstEngine.
package longhorn
