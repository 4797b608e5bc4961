// Package volume is the volumes of a site: claims with who uses them, copies of them (clone, snapshot, export, move to
// another storage class), how they grow, and what keeps them. README.md beside this file is the page for people.
//
// The sub-package fill brings an image's bytes into claims that name one, and admission refuses wrong claims and keeps
// those that are in use. Begin reading with Actions; unless.go says when each of them is refused.
package volume
