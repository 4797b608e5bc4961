// Package node is what a site can do with its nodes: cordon them, empty them for maintenance, say which machines stand in
// the way, and tell how a node stands in one word. README.md beside this file is the page for people.
//
// The actions say what is wanted, in fields and annotations of the node, as the caller. The controllers in the folders
// beside do the work: maintain empties nodes, reset starts the machines of lost nodes elsewhere, mark labels nodes for
// Rancher; admission keeps the last node that takes machines. Begin reading with Actions.
package node
