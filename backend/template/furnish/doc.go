// Package furnish makes the templates that people find at a new site, in the namespace harvester-public, under the names
// that Harvester has for them.
//
// A template that is there is left as it is, whatever people have made of it; one that somebody deleted comes back when
// the leader starts anew. Begin reading with Templates and All.
package furnish
