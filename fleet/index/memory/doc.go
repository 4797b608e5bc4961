// Package memory is the rows of one type in memory: what lists sort and filter by, column by column, with an order for each
// column, and the document that a list shows. SQLite keeps the same rows on disk; from here they are read. A page without a
// filter costs a few steps along an order, and one with a filter one look at each row's column, which is a few nanoseconds.
//
// It knows nothing of queries as people write them, nor of files. Begin reading at Table; Select finds a page.
package memory
