// Package clients holds Croft against Harvester's own client library, unmodified as it is published: its clientset, its
// types and its builder of machines, which Harvester's Terraform provider and node driver are made of. What these programs
// do at a Harvester, the tests do at a site of the sandbox that CROFT_SANDBOX names. Nothing of the library is in Croft:
// this is a module of its own, because the library wants an older Kubernetes than Croft.
//
// `make test-clients` builds and runs it. Begin reading at site_test.go.
package clients
