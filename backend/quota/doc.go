// Package quota is how much of a site a namespace may have: the space of its snapshots, which is Harvester's own quota,
// and the processors and memory of its machines, which are Kubernetes' and Rancher's. README.md beside this file is the
// page for people.
//
// The actions on a namespace are here, those on a machine with the machine's other actions. What is refused is in the
// package admission; count says what snapshots take, scale makes room for machines that move, and halt switches machines
// off that there is no room for. Begin reading with Capability.
package quota
