// Package template is what a site can do with templates of machines: names over versions, of which each is a machine as
// clients make it.
//
// No machine is made here. A client reads a version, fills in what a person chooses, and makes the machine itself. The
// package number gives versions their numbers, choose keeps a template's default, furnish makes the templates that a new
// site has, and admission refuses what would break a template. Begin reading with Capability.
package template
