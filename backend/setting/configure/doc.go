// Package configure makes the settings of a site and says what became of their values: whether a person has changed one
// (customized), and whether the value in force was accepted (condition configured).
//
// It acts on no setting itself. Begin reading with Defaults and Controller.Reconcile.
package configure
