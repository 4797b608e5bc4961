// Package phase lets a controller's Reconcile read like a table of contents: a list of steps over one subject, each of
// which is done (nil), waits for something else (Wait), needs a person (Stall), or failed and is worth another try (any
// other error). The first step that is not done ends the run.
//
// It knows no kinds and no conditions: what a stop means for an object's status is written by its controller, in one
// place, and reaches the API server by Patch, once and only when something changed. Begin reading with Run.
package phase
