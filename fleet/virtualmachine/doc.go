// Package virtualmachine says what the hub's index holds of a virtual machine: its row, joined from the machine and its
// instance. It reads nothing and serves nothing. Begin reading with Type.
package virtualmachine
