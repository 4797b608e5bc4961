// Package bulkoperation does one action to many objects at many sites, as the person who asked for it: it finds the
// objects in the index within his rights, asks each site what it would say, and then does them in waves, with no more
// failures than he allowed.
//
// It knows no action: what there is to do is the business of the sites, which offer actions with every object, say why
// one is not available, and check the person's rights. No item is done twice; decision.md says how that is held when the
// hub is killed. Begin reading with Controller.Reconcile.
package bulkoperation
