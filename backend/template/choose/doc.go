// Package choose keeps the default of a template: the first version becomes it, and its number stands in the status.
//
// Which version a person chooses is never changed. Begin reading with Controller.Reconcile.
package choose
