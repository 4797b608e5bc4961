// Package memory is the rows of one type in memory: what lists sort and filter by, column by column, with an order for each
// column. The document that a list shows is made of them when a row is read. SQLite keeps the same rows on disk; from here
// they are read. A page without a filter costs a few steps along an order, and one with a filter one look at each row's
// column, which is a few nanoseconds. Texts that many rows have are words, kept once; those of one row alone lie together.
//
// It knows nothing of queries as people write them, nor of files. Begin reading at Table; Select finds a page.
package memory
