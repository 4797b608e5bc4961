package right

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/rancher/management"
)

// BackingNamespace is the namespace on the hub of a project's bindings.
func BackingNamespace(cluster, project string) string { return cluster + "-" + project }

// projectsOf are the projects of a cluster that nobody deletes.
func (r *Registry) projectsOf(ctx context.Context, cluster string) ([]management.Project, error) {
	var all management.ProjectList
	if err := r.cached.List(ctx, &all, client.InNamespace(cluster)); err != nil {
		return nil, fmt.Errorf("read the projects of cluster %s: %w", cluster, err)
	}

	var result []management.Project

	for i := range all.Items {
		if all.Items[i].DeletionTimestamp == nil && all.Items[i].Spec.ClusterName == cluster {
			result = append(result, all.Items[i])
		}
	}

	return result, nil
}

func names(projects []management.Project) []string {
	result := make([]string, 0, len(projects))
	for i := range projects {
		result = append(result, projects[i].Name)
	}

	return result
}

// ensureBacking makes the namespaces of a cluster's projects, and removes those of
// projects that are gone with every binding in them. A namespace that was there
// before is used, and stays: it may be somebody's.
func (r *Registry) ensureBacking(ctx context.Context, on onHub) error {
	var all corev1.NamespaceList
	if err := r.live.List(ctx, &all, client.MatchingLabels{LabelOwned: ownedHub, labelScope: on.cluster}); err != nil {
		return fmt.Errorf("list the project namespaces of cluster %s: %w", on.cluster, err)
	}

	have := map[string]*corev1.Namespace{}
	for i := range all.Items {
		have[all.Items[i].Name] = &all.Items[i]
	}

	for _, project := range on.projects {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: BackingNamespace(on.cluster, project), Labels: hubLabels(on.cluster),
			Annotations: map[string]string{"management.cattle.io/system-namespace": "true"},
		}}
		if have[namespace.Name] == nil {
			if err := r.live.Create(ctx, namespace); err != nil && !apierrors.IsAlreadyExists(err) {
				return fmt.Errorf("namespace of project %s: %w", project, err)
			}
		}

		delete(have, namespace.Name)
	}

	for name, namespace := range have {
		if namespace.DeletionTimestamp != nil {
			continue
		}

		there, err := r.backs(ctx, on.cluster, name)
		if err != nil {
			return err
		}

		if there {
			continue // its project is news that is still on the way.
		}

		// What goes is the very namespace that was looked at.
		if err := r.live.Delete(ctx, namespace, client.Preconditions{UID: &namespace.UID}); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("remove project namespace %s: %w", name, err)
		}
	}

	return nil
}

// backs tells whether a namespace is that of a project that is there. It asks past
// the cache, which may know of a binding before it knows of its project: with the
// namespace every binding in it would be lost.
func (r *Registry) backs(ctx context.Context, cluster, namespace string) (bool, error) {
	name := client.ObjectKey{Namespace: cluster, Name: strings.TrimPrefix(namespace, BackingNamespace(cluster, ""))}
	project := &management.Project{}

	err := r.live.Get(ctx, name, project)
	if client.IgnoreNotFound(err) != nil {
		return false, fmt.Errorf("look for the project of namespace %s: %w", namespace, err)
	}

	return err == nil && project.DeletionTimestamp == nil && project.Spec.ClusterName == cluster, nil
}

// tellBacking notes in the projects where their bindings are, once owners may
// write there.
func (r *Registry) tellBacking(ctx context.Context, projects []management.Project) error {
	for i := range projects {
		project := &projects[i]

		namespace := BackingNamespace(project.Spec.ClusterName, project.Name)
		if project.Status.BackingNamespace == namespace {
			continue
		}

		before := project.DeepCopy()
		project.Status.BackingNamespace = namespace

		if err := r.live.Status().Patch(ctx, project, client.MergeFrom(before)); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("status of project %s: %w", project.Name, err)
		}
	}

	return nil
}
