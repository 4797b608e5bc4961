// Package collect follows the sites: it lists and watches what the index holds of each, through Rancher's proxy, and
// writes it down.
//
// Every site has a Collector of its own, with its own connections and its own budget of bytes, objects and changes, so
// that a site that is slow, dead, flooding or hostile costs the others nothing. Which site a row belongs to is fixed by
// the connection it came from. A watch goes on from the resourceVersion that the index holds; where that is too old, the
// source is listed again over the rows that are there, and what has gone is removed at the end, so that nothing flickers.
// Where a row is joined from several sources, a site's first lists of them run together, so that it is written once.
//
// Package collect decides nothing about sites; package site does. Begin reading with Collector.Run.
package collect
