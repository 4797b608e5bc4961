package main

import (
	"crofthci.io/croft/fleet/backup"
	"crofthci.io/croft/fleet/bulkoperation"
	"crofthci.io/croft/fleet/guestcluster"
	"crofthci.io/croft/fleet/image"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/loadbalancer"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/network"
	"crofthci.io/croft/fleet/node"
	"crofthci.io/croft/fleet/snapshot"
	"crofthci.io/croft/fleet/storageclass"
	"crofthci.io/croft/fleet/template"
	"crofthci.io/croft/fleet/virtualmachine"
	"crofthci.io/croft/fleet/volume"
)

// indexed is what the hub keeps of every site: one kind of row, one line.
var indexed = []*index.Type{
	virtualmachine.Type, // a machine and its instance
	node.Type,           // what machines run on
	namespace.Type,      // where machines are, and in which project
	volume.Type,         // the disks of machines
	image.Type,          // what volumes start from
	template.Type,       // what machines are made of
	storageclass.Type,   // what volumes are made of
	snapshot.Type,       // what is kept of volumes
	backup.Type,         // what is kept of machines
	network.Type,        // what machines are attached to
	loadbalancer.Type,   // what answers for machines
}

// ofHub is what the index keeps of the hub's own cluster.
var ofHub = []*index.Type{
	guestcluster.Type,  // a cluster whose nodes are machines of sites
	guestcluster.Nodes, // and its nodes
	bulkoperation.Type, // one action for many objects
}
