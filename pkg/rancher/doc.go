// Package rancher is where Rancher's kinds become known to a scheme and to an
// API server. The kinds themselves are in the packages below, one for each API
// group, as slim local structs; Rancher's own modules are never imported.
// Begin reading at management.Cluster.
package rancher
