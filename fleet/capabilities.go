package main

import (
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/node"
	"crofthci.io/croft/fleet/virtualmachine"
)

// indexed is what the hub keeps of every site: one kind of row, one line.
var indexed = []*index.Type{
	virtualmachine.Type, // a machine and its instance
	node.Type,           // what machines run on
	namespace.Type,      // where machines are, and in which project
}
