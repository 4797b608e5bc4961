// Package cdi is the Containerized Data Importer in Croft's words: volumes that are filled from a URL or from another
// claim, and how far that has come.
//
// It is the only package that imports CDI's API, so that a new CDI is met here and nowhere else. It holds no rules of
// Croft's own: when a volume is made, tried again or given up is the business of the controllers. Begin reading with
// Import and StateOf.
package cdi
