// Package cdi is the Containerized Data Importer in Croft's words: volumes that are filled from a URL, from another claim
// or by somebody who sends their bytes, how far that has come, and whom to send the bytes to.
//
// It is the only package that imports CDI's API, so that a new CDI is met here and nowhere else. It holds no rules of
// Croft's own: when a volume is made, tried again or given up is the business of the controllers. Begin reading with
// Import, StateOf and Proxy.
package cdi
