// Package farm is many light API servers in one process of its own, each a site with machines, and one more that holds the
// machines of all of them. They are in another process so that what the hub uses of processor and memory is the hub's
// alone. The process is the test's own program, started again: its TestMain calls Child. Begin reading at Start.
package farm
