// Package controlplane says how a real Kubernetes control plane with KubeVirt
// and CDI runs as plain processes on loopback: which programs, with which
// flags, keys and identities, and when each of them is ready.
//
// The programs themselves are built by `make controlplane` from the nested
// modules beside this file, because each wants another Kubernetes. Nothing here
// decides an order or keeps a process alive: the sandbox does. Tests that only
// need an API server call ForTest.
//
// Begin reading at Cluster.
package controlplane
