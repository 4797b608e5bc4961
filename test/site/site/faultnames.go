package site

// The faults of nodes, kubelets, handlers and guests; README.md says what each
// does. The storage and importer parts name theirs beside their code.
const (
	// FaultNode stops a node. Target: the node's name. Value "power" (or empty)
	// ends its guests, "network" leaves them running unheard.
	FaultNode = "node"
	// FaultHandler makes a node's virt-handler unreachable. Target: the node.
	FaultHandler = "handler"
	// FaultMigration on a machine: "fail", "stall" or a duration to slow it.
	FaultMigration = "migration"
	// FaultBoot on a machine: a duration that its boot is delayed by, or "fail".
	FaultBoot = "boot"
	// FaultGuest on a machine: "crash" ends it at once as a crash of QEMU.
	FaultGuest = "guest"
)
