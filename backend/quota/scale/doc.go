// Package scale makes the quota of a namespace larger while a machine of it migrates, by what the second pod of the
// machine needs, and takes that back afterwards: a namespace that is full would otherwise keep its machines where they are,
// and nodes could not be emptied.
//
// Only the quotas that Rancher makes are touched. What the quota was, and what it was made larger by for which migration,
// is written on the quota in the same request that makes it larger, so that nothing is forgotten whoever dies when. A limit
// that somebody changes meanwhile counts as the new one. Begin reading with Scaled.
package scale
