package right

import (
	"context"
	"errors"
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// agentNamespace is where the agent lives.
const agentNamespace = "cattle-system"

func pointers[T any, P interface {
	*T
	client.Object
}](items []T) []client.Object {
	result := make([]client.Object, 0, len(items))
	for i := range items {
		result = append(result, P(&items[i]))
	}

	return result
}

// bring makes a cluster have these objects and no others of that kind that carry
// our labels. One that cannot be written does not keep the others from being so.
func bring(ctx context.Context, c client.Client, list client.ObjectList, want []client.Object, ours client.MatchingLabels) error {
	if err := c.List(ctx, list, ours); err != nil {
		return fmt.Errorf("list what was given: %w", err)
	}

	items, err := meta.ExtractList(list)
	if err != nil {
		return err
	}

	have := map[client.ObjectKey]client.Object{}

	for _, item := range items {
		if object, ok := item.(client.Object); ok {
			have[client.ObjectKeyFromObject(object)] = object
		}
	}

	var errs []error

	for _, object := range want {
		key := client.ObjectKeyFromObject(object)
		if err := unlessNamespaceGoes(object, one(ctx, c, have[key], object)); err != nil {
			errs = append(errs, fmt.Errorf("give %s: %w", key, err))
		}

		delete(have, key)
	}

	for key, object := range have {
		if err := c.Delete(ctx, object); client.IgnoreNotFound(err) != nil {
			errs = append(errs, fmt.Errorf("withdraw %s: %w", key, err))
		}
	}

	return errors.Join(errs...)
}

// unlessNamespaceGoes forgives writing into a namespace that is not there yet or
// not any more: when it comes, its cluster is looked at again.
func unlessNamespaceGoes(object client.Object, err error) error {
	if object.GetNamespace() != "" && (apierrors.IsNotFound(err) || apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)) {
		return nil
	}

	return err
}

// one writes one object. A binding of that name without our labels was planted to
// keep a right from somebody, for the name is a hash that nobody would choose; it
// is replaced. A role without them may well be the cluster's own, and stays.
func one(ctx context.Context, c client.Client, have, want client.Object) error {
	if have == nil {
		err := c.Create(ctx, want)
		if !apierrors.IsAlreadyExists(err) {
			return err
		}

		if roleOf(want).Name == "" {
			return nil
		}

		if err := c.Delete(ctx, want); client.IgnoreNotFound(err) != nil {
			return err
		}

		return c.Create(ctx, want)
	}

	if same(have, want) {
		return nil
	}

	// The role of a binding cannot be changed, only the binding be made anew.
	if roleOf(have) != roleOf(want) {
		if err := c.Delete(ctx, have); client.IgnoreNotFound(err) != nil {
			return err
		}

		return c.Create(ctx, want)
	}

	want.SetResourceVersion(have.GetResourceVersion())

	return c.Update(ctx, want)
}

func same(have, want runtime.Object) bool {
	switch h := have.(type) {
	case *rbacv1.ClusterRole:
		w, ok := want.(*rbacv1.ClusterRole)

		return ok && equality.Semantic.DeepEqual(h.Rules, w.Rules)
	case *rbacv1.ClusterRoleBinding:
		w, ok := want.(*rbacv1.ClusterRoleBinding)

		return ok && h.RoleRef == w.RoleRef && equality.Semantic.DeepEqual(h.Subjects, w.Subjects)
	case *rbacv1.Role:
		w, ok := want.(*rbacv1.Role)

		return ok && equality.Semantic.DeepEqual(h.Rules, w.Rules)
	case *rbacv1.RoleBinding:
		w, ok := want.(*rbacv1.RoleBinding)

		return ok && h.RoleRef == w.RoleRef && equality.Semantic.DeepEqual(h.Subjects, w.Subjects)
	default:
		return false
	}
}

func roleOf(object client.Object) rbacv1.RoleRef {
	switch have := object.(type) {
	case *rbacv1.ClusterRoleBinding:
		return have.RoleRef
	case *rbacv1.RoleBinding:
		return have.RoleRef
	default:
		return rbacv1.RoleRef{}
	}
}

// removeAgent takes the agent out of a cluster that leaves.
func removeAgent(ctx context.Context, site client.Client) error {
	in := metav1.ObjectMeta{Namespace: agentNamespace}
	named := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: agentNamespace, Name: name} }

	var secrets corev1.SecretList
	if err := site.List(ctx, &secrets, client.InNamespace(in.Namespace)); err != nil {
		return fmt.Errorf("list the agent's secrets: %w", err)
	}

	var leftovers []client.Object

	for i := range secrets.Items {
		if name := secrets.Items[i].Name; name == "stv-aggregation" || strings.HasPrefix(name, "cattle-credentials-") {
			leftovers = append(leftovers, &secrets.Items[i])
		}
	}

	leftovers = append(leftovers,
		&appsv1.Deployment{ObjectMeta: named("cattle-cluster-agent")},
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "cattle-admin-binding"}},
	)

	for _, object := range leftovers {
		if err := site.Delete(ctx, object); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("remove the agent's %s: %w", object.GetName(), err)
		}
	}

	return nil
}
