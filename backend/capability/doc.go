// Package capability is the seam between what a site can do and how it is asked.
//
// A capability says, in values, which kinds it serves, what may be done with an object now, and how it is done as the
// caller. It knows no HTTP library, no Steve and no world: the adapter in backend/steve turns the values into handlers,
// schemas, links and sentences, and the generator beside this package turns them into a table and into TypeScript.
//
// Begin reading with Capability, then Action.
package capability
