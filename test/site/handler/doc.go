// Package handler stands in for virt-handler and virt-launcher on every node of
// a simulated site.
//
// It takes a VirtualMachineInstance from Scheduled to Running and to its end,
// writes the status that KubeVirt's clients expect, moves machines between
// nodes, and serves on <node address>:8186 what virt-api asks a node for:
// consoles, pause, reset, what the guest agent knows. A machine whose disks
// hold something bootable runs in QEMU (package guest); all others are states
// only, so that thousands are cheap. Both are a domain, see domain.go.
//
// Begin reading at reconcile in handler.go. What is computed is pure: hardware
// (hardware.go), the status (status.go), conditions (condition.go).
package handler
