// Package index holds one row for every object of interest at every site, and answers queries over them: SQLite keeps the
// rows, and lists are read from memory (package memory).
//
// A row has the columns that lists sort and filter by and a small JSON document that a list shows. It is joined from
// parts: a machine's row from the virtual machine and its instance. The index survives a restart together with the
// resourceVersion up to which it has followed each site, so that a watch goes on from there. It does not speak HTTP, it
// does not watch anything (package collect does) and it does not know who may see what (package rights does; a Query
// carries the answer as a Scope).
//
// Begin reading with Type, then Index.Apply and Index.List.
package index
