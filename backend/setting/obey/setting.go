// Package obey is the head of every controller that acts on the value of one setting: it hears when the value changes,
// reads the setting and hands it on. What is done about it is the controller's own. Begin reading with Setting.
package obey

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// Setting adds a controller to the manager, which is named "setting-" and its word, and acts on the setting of a name: when
// it starts, and each time the value changes. An error of act is tried again, as phase.Result says.
func Setting(manager ctrl.Manager, word, name string, act func(ctx context.Context, setting *harvesterv1.Setting) error) error {
	ours := predicate.NewPredicateFuncs(func(object client.Object) bool { return object.GetName() == name })
	return ctrl.NewControllerManagedBy(manager).
		Named("setting-"+word).
		For(&harvesterv1.Setting{}, builder.WithPredicates(ours, predicate.GenerationChangedPredicate{})).
		Complete(reconcile.Func(func(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
			setting := &harvesterv1.Setting{}
			if err := manager.GetClient().Get(ctx, request.NamespacedName, setting); err != nil {
				return ctrl.Result{}, client.IgnoreNotFound(err)
			}
			return phase.Result(act(ctx, setting))
		}))
}

// Obeyed says whether an owner has applied a part of an object before: what a setting at its default must take back, and
// what it need not touch.
func Obeyed(object metav1.Object, owner client.FieldOwner) bool {
	return slices.ContainsFunc(object.GetManagedFields(), func(entry metav1.ManagedFieldsEntry) bool {
		return entry.Manager == string(owner) && entry.Operation == metav1.ManagedFieldsOperationApply
	})
}
