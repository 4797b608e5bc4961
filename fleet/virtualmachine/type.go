package virtualmachine

import (
	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Type is the row of a machine.
var Type = &index.Type{
	Name:        "virtualmachine",
	Plural:      "virtualmachines",
	Description: "A virtual machine at one of the sites, as the hub last saw it.",
	Sources: []index.Source{
		{Resource: kubevirt.VirtualMachines, Trim: trimMachine, Optional: true},
		{Resource: kubevirt.VirtualMachineInstances, Trim: trimInstance, Optional: true},
	},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name", "status.printableStatus"}, Description: "The state in KubeVirt's words, such as Running."},
		{Name: "reason", Description: "A sentence that explains the state; empty when the word says it all."},
		{Name: "node", Aliases: []string{"status.nodeName"}, Description: "The node that it runs on.", Searched: true},
		{Name: "cpu", Kind: index.Number, Description: "The number of virtual processors."},
		{Name: "memory", Kind: index.Number, Description: "The memory in bytes."},
		{Name: "addresses", Kind: index.Addresses, Description: "The IP addresses that the guest or the node reports.", Searched: true},
		{Name: "guestOS", Description: "The guest's operating system, from its agent or from the label that its owner gave.", Searched: true},
		{Name: "image", Description: "The image of the first disk, as namespace and name.", Searched: true},
		{Name: "hostname", Description: "The name that the guest is given; empty where it is the machine's.", Searched: true, Own: true},
		{Name: "disks", Kind: index.Number, Description: "The number of its disks."},
		{Name: "diskSize", Kind: index.Number, Description: "What its disks have in bytes, or what those ask for that are made for it while it is off."},
		{Name: "networks", Kind: index.Words, Description: "The networks that it is attached to, as namespace and name, or pod.", Searched: true},
		{Name: "macs", Kind: index.Words, Description: "The hardware addresses of its cards.", Searched: true, Own: true},
		{Name: "guestCluster", Description: "The guest cluster that it is a node of.", Searched: true},
		{Name: "guestPool", Description: "The pool of that cluster that it belongs to.", Searched: true},
		{Name: "tags", Kind: index.Words, Description: "Its tags, each as key=value.", Searched: true},
		{Name: "snapshots", Kind: index.Number, Description: "How many snapshots of it are ready."},
		{Name: "lastSnapshot", Kind: index.Time, Description: "When the newest of them was taken; 0 without any."},
		{Name: "backups", Kind: index.Number, Description: "How many backups of it are ready."},
		{Name: "lastBackup", Kind: index.Time, Description: "When the newest of them was taken; 0 without any."},
	},
	Counts: []index.Count{{Of: "backup", By: "machine", Columns: []index.Counted{
		{Where: ready("snapshot"), Number: "snapshots", Last: "lastSnapshot"},
		{Where: ready("backup"), Number: "backups", Last: "lastBackup"},
	}}},
	// What is known from the instance alone. Processors and memory are not: whoever may see the machine may see its size.
	Guards: []index.Guard{{
		Right:  kubevirt.VirtualMachineInstances.GroupResource(),
		Fields: []string{"node", "addresses", "macs", "guestOS", "reason", "metadata.state.message"},
	}, {
		Right:  harvesterv1.GroupVersion.WithResource("virtualmachinebackups").GroupResource(),
		Fields: []string{"snapshots", "lastSnapshot", "backups", "lastBackup"},
	}},
	Join: join,
}

// ready are the backups of a type that machines can be made of (see package backup).
func ready(backupType string) map[string]string {
	return map[string]string{"backupType": backupType, "state": "Ready"}
}
