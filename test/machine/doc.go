// Package machine runs rancher-machine, unmodified and as a plain process, with Croft's node driver against a site of a
// sandbox. It is a Go module of its own: rancher-machine's command line needs an older library than anybody else does.
// Begin reading in machine_test.go.
package machine
